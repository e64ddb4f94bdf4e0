using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.Randomness;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.Telemetry;
using Pipeline.Infra.TimeSeries;
using Pipeline.Processors.Store;
using Pipeline.Processors.TimeAware;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Processors.Service;

namespace Pipeline.Tests.Unit.Processors.TimeAware;

public sealed class AdviceServiceTests
{
    private const long Hour = 3_600_000;

    private static readonly SlotClock Clock = new();

    [Fact]
    public void Advice_comes_after_each_slot_and_profiles_with_each_day_all_of_it_valid()
    {
        RecordedOutput output = Run(out _, days: 6);
        AdviceChunk[] advice = [.. output.Values(Topics.FleetAdvice)];
        Assert.Equal(6 * 24, advice.Length);
        Assert.All(advice.Zip(advice.Skip(1)), p => Assert.Equal(p.First.SlotEndUnixMs + Hour, p.Second.SlotEndUnixMs));
        Assert.Equal(2, advice[^1].Groups.Count);
        Assert.Equal(40, advice[^1].Groups[0].Cores, 1);
        Assert.True(advice[^1].Groups[0].VmsWanted[0] > 0 && advice[^1].Groups[0].WantedSinceUnixMs <= advice[^1].SlotEndUnixMs);
        ProfileChunk[] profiles = [.. output.Values(Topics.FleetProfiles)];
        Assert.Equal(7, profiles.Select(p => p.SlotEndUnixMs).Distinct().Count());
        Assert.Equal(12, profiles.Where(p => p.SlotEndUnixMs == profiles[^1].SlotEndUnixMs).Sum(p => p.Profiles.Count));
        foreach ((string topic, string key, byte[] value) in output.Records)
        {
            List<Point> points = [];
            Assert.Null(PointMapper.Map(new StreamRecord { Topic = topic, Partition = 0, Offset = 0, TimestampUnixMs = 0, Key = System.Text.Encoding.UTF8.GetBytes(key), Value = value }, points));
            Assert.All(points, p => Assert.Contains(p.Fields, f => f.Key == PointMapper.CountedField[p.Measurement]));
        }
    }

    [Fact]
    public void The_same_records_lead_to_the_same_bytes() => Assert.Equal(Run(out _, days: 3).Records.Select(r => Convert.ToHexString(r.Value)), Run(out _, days: 3).Records.Select(r => Convert.ToHexString(r.Value)));

    [Fact]
    public void Advice_says_when_it_changed()
    {
        AdviceChunk[] advice = [.. Run(out _, days: 8).Values(Topics.FleetAdvice)];
        uint before = 0;
        foreach (AdviceChunk chunk in advice)
        {
            uint now = chunk.Groups[0].VmsWanted[0];
            Assert.Equal(now != before || chunk == advice[0], chunk.Groups[0].WantedSinceUnixMs == chunk.SlotEndUnixMs);
            before = now;
        }
    }

    [Fact]
    public void What_is_no_step_goes_to_the_dead_letters()
    {
        RecordedOutput output = new();
        new AdviceProcessor(new LiveFleet(Clock, ProfileOptions.Default), new ScaleRequest())
            .Process(new StreamRecord { Topic = "vm.steps", Partition = 0, Offset = 7, TimestampUnixMs = 0, Key = "c"u8.ToArray(), Value = [0xFF] }, output);
        Assert.Equal(7, Assert.Single(output.DeadLetters).Offset);
    }

    [Fact]
    public async Task The_api_answers_describes_itself_and_refuses_what_is_wrong()
    {
        Run(out LiveFleet live, days: 6);
        int port = FreePort();
        await using AdviceApi? api = await AdviceApi.OpenAsync(new HealthAddress(IPAddress.Loopback, port), live, new ScaleRequest(), NullLoggerFactory.Instance, default);
        using HttpClient http = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        JsonElement room = JsonDocument.Parse(await http.GetStringAsync(new Uri("/v1/room?cores=5&for_hours=2", UriKind.Relative))).RootElement;
        Assert.True(room[0].GetProperty("enough").GetBoolean());
        Assert.True(JsonDocument.Parse(await http.GetStringAsync(new Uri("/v1/scale/next?cell=c", UriKind.Relative))).RootElement.GetProperty("vms_wanted").GetInt32() > 0);
        Assert.Equal(3, JsonDocument.Parse(await http.GetStringAsync(new Uri("/v1/scale?cell=c&community=1&hours=3", UriKind.Relative))).RootElement.GetArrayLength());
        string description = await http.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative));
        foreach (string path in (string[])["/v1/room", "/v1/scale", "/v1/scale/next"]) Assert.Contains($"\"{path}\"", description, StringComparison.Ordinal);
        Assert.DoesNotContain("Infinity", description, StringComparison.Ordinal);
        foreach ((string question, string said) in new[] { ("/v1/room", "cores"), ("/v1/room?cores=many", "many"), ("/v1/scale/next?cell=x", "there are c"), ("/v1/scale/next?cell=c&community=9", "it has 1"), ("/nothing", "/openapi/v1.json") })
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri(question, UriKind.Relative));
            Assert.Contains(said, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
        foreach ((string question, HttpStatusCode code) in new[] { ("/v1/room?cores=-1", HttpStatusCode.BadRequest), ("/v1/room", HttpStatusCode.BadRequest), ("/v1/room?cores=1&for_hours=1e300", HttpStatusCode.BadRequest), ("/v1/room?cores=1&confidence=2", HttpStatusCode.BadRequest), ("/v1/scale/next?cell=x", HttpStatusCode.NotFound), ("/v1/scale?cell=c&hours=99", HttpStatusCode.BadRequest), ("/nothing", HttpStatusCode.NotFound) })
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri(question, UriKind.Relative));
            Assert.Equal((question, code), (question, answer.StatusCode));
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Ten VMs, four of them a community, hourly steps.</summary>
    private static RecordedOutput Run(out LiveFleet live, int days)
    {
        RecordedOutput output = new();
        live = new LiveFleet(Clock, ProfileOptions.Default);
        AdviceProcessor processor = new(live, new ScaleRequest());
        CommunityChunk communities = new() { Cell = "c", StepEndUnixMs = SlotClockTests.Monday, StepMs = (uint)Hour, Chunks = 1 };
        for (int v = 0; v < 10; v++)
        {
            communities.Vm.Add($"vm{v}");
            communities.Community.Add(v < 4 ? 1u : 0);
            communities.SinceUnixMs.Add(0);
            communities.Membership.Add(1);
            communities.Consensus.Add(1);
            communities.Alternative.AddRange([0, 0]);
            communities.AlternativeShare.AddRange([0, 0]);
        }
        live.Apply(Record(Topics.GraphCommunities.Name, communities, 0), output);
        SplitMix random = new(9);
        for (int h = 0; h < days * 24; h++)
        {
            StepChunk step = new() { Cell = "c", StepEndUnixMs = SlotClockTests.Monday + ((h + 1) * Hour), StepMs = (uint)Hour, Chunks = 1 };
            float cpu = AdviceTests.Usual(h, random.NextDouble());
            for (int v = 0; v < 10; v++) step.Vms.Add(new VmStep { Vm = $"vm{v}", Cores = 4, MemoryBytes = 1 << 30, Reports = 1, Own = new Signals { CpuUtilization = cpu, MemoryUtilization = .5f } });
            processor.Process(Record(Topics.VmSteps.Name, step, h), output);
        }
        return output;
    }

    private static StreamRecord Record(string topic, IMessage value, long offset) => new() { Topic = topic, Partition = 0, Offset = offset, TimestampUnixMs = 0, Key = "c"u8.ToArray(), Value = value.ToByteArray() };
}
