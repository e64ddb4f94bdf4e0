using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Google.Protobuf;
using Pipeline.Infra.Kafka;
using Pipeline.Schemas;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.Integration.Dispatcher;

/// <summary><c>dispatcher simulate --from-topics</c> on a real broker. What is recorded lies hours back, where no other test has anything.</summary>
[Collection(KafkaTests.Name)]
public sealed class WhatIfTests(KafkaCluster cluster)
{
    private const int Calls = 900, Steps = 14;

    private const uint StepMs = 300_000;

    private static readonly string[] Vms = ["whatif-a", "whatif-b", "whatif-c", "whatif-d"];

    /// <summary>The hour that is run again begins three hours ago, at the begin of a step.</summary>
    private readonly long start = (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - (3 * 3_600_000)) / StepMs * StepMs;

    [KafkaFact]
    public async Task A_recorded_hour_is_run_again_with_fewer_VMs_and_held_against_what_happened()
    {
        await TopicSetup.EnsureAsync(cluster.Connection);
        Record();
        DirectoryInfo output = Directory.CreateTempSubdirectory("pipeline-what-if-");
        try
        {
            string printed = await Processes.RunAsync(
                "dotnet", Path.Combine(AppContext.BaseDirectory, "dispatcher.dll"), "simulate", "--from-topics", "--kafka", cluster.Connection.BootstrapServers,
                "--from", Time(start), "--to", Time(start + 3_600_000), "--vms", "3", "--policies", "expected-completion-time,jsq", "--signals", "none,last,last+feedback,oracle", "--seeds", "1", "--out", output.FullName);
            Assert.Contains("recorded", printed, StringComparison.Ordinal);
            using JsonDocument report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(output.FullName, "simulation.json")));
            Dictionary<string, JsonElement> runs = report.RootElement.GetProperty("runs").EnumerateArray().ToDictionary(r => $"{r.GetProperty("policy").GetString()} {r.GetProperty("signal").GetString()}");
            Assert.Equal(["expected-completion-time last", "expected-completion-time last+feedback", "expected-completion-time none", "expected-completion-time oracle", "jsq none", "recorded recorded"], runs.Keys.Order(StringComparer.Ordinal));
            // Recorded: half a second of work took one second, on busy VMs; the first ten minutes are left out.
            Assert.Equal(1, runs["recorded recorded"].GetProperty("mean_response_s").GetDouble(), 6);
            Assert.InRange(runs["recorded recorded"].GetProperty("invocations").GetInt32(), Calls * 7 / 10, Calls);
            // A quarter of the VMs less, none of them busy for a call: it takes its work and now and then a cold start.
            Assert.InRange(runs["expected-completion-time last"].GetProperty("mean_response_s").GetDouble(), .5, .6);
            Assert.True(File.Exists(Path.Combine(output.FullName, "simulation.html")));
        }
        finally
        {
            output.Delete(recursive: true);
        }
    }

    private static string Time(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private void Record()
    {
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(KafkaClients.ProducerConfig(cluster.Connection)).Build();
        for (int step = 0; step < Steps; step++)
        {
            StepChunk chunk = new() { Cell = "whatif", StepEndUnixMs = start + (step * StepMs), StepMs = StepMs, Chunks = 1 };
            foreach (string vm in Vms) chunk.Vms.Add(new VmStep { Vm = vm, Cores = 4, MemoryBytes = 16UL << 30, Reports = 30, Own = new Signals { CpuUtilization = .25f } });
            Send(producer, Topics.VmSteps, chunk.Cell, chunk);
        }
        for (int i = 0; i < Calls; i++)
        {
            Invocation call = new() { Id = $"whatif-{start}-{i}", Function = $"whatif-f{i % 3}", Tenant = "whatif", TimeUnixMs = start + (i * 4000L), MemoryBytes = 128 << 20 };
            Send(producer, Topics.FunctionInvocations, call.Function, call);
            // Every hundredth was lost.
            if (i % 100 == 99) continue;
            Send(producer, Topics.FunctionCompletions, call.Function, new Completion
            {
                InvocationId = call.Id,
                Function = call.Function,
                Tenant = call.Tenant,
                Vm = Vms[i % Vms.Length],
                Cell = "whatif",
                TimeUnixMs = call.TimeUnixMs + 1000,
                WallMs = 1000,
                CpuS = .5,
                Outcome = Completion.Types.Outcome.Succeeded,
            });
        }
        producer.Flush(TimeSpan.FromSeconds(60));
    }

    private static void Send<T>(IProducer<byte[], byte[]> producer, TopicSpec<T> topic, string key, T value)
        where T : IMessage<T> => producer.Produce(topic.Name, new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(key), Value = value.ToByteArray() });
}
