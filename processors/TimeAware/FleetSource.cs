using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.Traces;
using Pipeline.Schemas;

namespace Pipeline.Processors.TimeAware;

/// <summary>Where advice gets the fleet's past from: a trace up to a time, or the topics of a cluster as they are now.</summary>
internal sealed class FleetSource
{
    /// <summary>Communities are published with every step: an hour holds the newest of every cell that is alive.</summary>
    private static readonly TimeSpan CommunitiesFrom = TimeSpan.FromHours(1);

    private readonly Option<DirectoryInfo> trace = CommonOptions.Folder("--trace", "Folder with a fleet's trace, whose end is now; or");
    private readonly Option<string?> at = new("--at") { Description = "What was known at this time of the trace, for instance 2013-08-28T09:00Z; its end where it is not given", HelpName = "TIME" };
    private readonly Option<string> zone = AdviseOptions.Zone();
    private readonly Option<int> slotMinutes = AdviseOptions.SlotMinutes();
    private readonly ServiceOptions service = new();

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[trace, at, zone, slotMinutes]) command.Add(option);
        service.AddConnectionTo(command);
        at.Validators.Add(result =>
        {
            if (Time(result.Tokens[0].Value) is null) result.AddError($"--at is '{result.Tokens[0].Value}'; a time such as 2013-08-28T09:00Z is wanted");
        });
        command.Validators.Add(result =>
        {
            if (result.GetResult(at) is not null && result.GetResult(trace) is null) result.AddError("--at says when in a trace: give --trace too");
        });
    }

    /// <exception cref="UserException">Neither is named, or there is nothing in it.</exception>
    public FleetOutlook Load(ParseResult parsed, CancellationToken cancel)
    {
        FleetOutlook fleet = new(new SlotClock(parsed.GetValue(slotMinutes), parsed.GetValue(zone)!), ProfileOptions.Default);
        if (parsed.GetValue(trace) is { } folder) FromTrace(fleet, FleetTrace.Load(folder), parsed.GetValue(at), cancel);
        else FromTopics(fleet, service.Connection(parsed), cancel);
        if (fleet.Cells.Values.All(c => c.Now == long.MinValue))
            throw new UserException($"not one whole slot of {fleet.Clock.SlotMinutes} minutes is known: nothing can be said yet");
        return fleet;
    }

    internal static void FromTrace(FleetOutlook fleet, FleetTrace trace, string? at, CancellationToken cancel)
    {
        int end = trace.SlotCount;
        if (at is not null)
        {
            long time = Time(at)!.Value.ToUnixTimeMilliseconds(), first = trace.StartUnixMs, last = trace.SlotStartUnixMs(trace.SlotCount);
            if (time <= first || time > last) throw new UserException($"--at {at} is not within the trace, which goes from {fleet.Clock.Describe(first)} to {fleet.Clock.Describe(last)}");
            end = (int)((time - first) / trace.SlotMs);
        }
        TraceFeed feed = new(trace);
        CellOutlook cell = fleet.Cell(TraceFeed.Cell);
        cell.SetCommunities(feed.CommunitiesBefore(end, cancel));
        for (int slot = 0; slot < end; slot++)
        {
            cancel.ThrowIfCancellationRequested();
            fleet.Feed(TraceFeed.Cell, feed.EndUnixMs(slot), feed.At(slot));
        }
    }

    private static void FromTopics(FleetOutlook fleet, KafkaConnection kafka, CancellationToken cancel)
    {
        using ILoggerFactory log = Log.ToConsole(LogLevel.Warning);
        try
        {
            using IPartitionReader reader = new ConfluentClients(kafka, log).OpenReader();
            StepIntake intake = new();
            Dictionary<string, IReadOnlyList<(string, uint)>> members = new(StringComparer.Ordinal);
            // Who is with whom now, first: groups learn from what their members of now did.
            Read(reader, Topics.GraphCommunities, TimeProvider.System.GetUtcNow() - CommunitiesFrom, chunk => members[chunk.Cell] = intake.Take(chunk) ?? members.GetValueOrDefault(chunk.Cell) ?? [], cancel);
            foreach ((string cell, IReadOnlyList<(string, uint)> of) in members) fleet.Cell(cell).SetCommunities(of);
            Read(reader, Topics.VmSteps, null, chunk =>
            {
                if (intake.Take(chunk) is { } samples) fleet.Feed(chunk.Cell, chunk.StepEndUnixMs, samples);
            }, cancel);
        }
        catch (StreamClientException e)
        {
            throw new UserException($"the cluster at {kafka.BootstrapServers} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>All records of a topic that are there now. What cannot be read was not written by us and is passed over with a warning of the caller's making: none is expected.</summary>
    private static void Read<T>(IPartitionReader reader, TopicSpec<T> topic, DateTimeOffset? from, Action<T> take, CancellationToken cancel)
        where T : Google.Protobuf.IMessage<T>
    {
        long unreadable = 0;
        foreach (StreamRecord record in TopicContents.Read(reader, topic.Name, from, cancel))
        {
            if (topic.TryRead(new RecordContext(record.KeyText, record.TimestampUnixMs), record.Value, out T value, out _)) take(value);
            else unreadable++;
        }
        if (unreadable > 0) Console.Error.WriteLine($"warning: {unreadable} records of {topic} could not be read and were passed over");
    }

    private static DateTimeOffset? Time(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time : null;
}
