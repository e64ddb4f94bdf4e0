using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Streaming;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;

namespace Pipeline.Tests.Benchmarks.Throughput;

/// <summary>A fast wrong answer is no answer: every report of every closed step is to be in vm.steps, once.</summary>
internal static class StepCheck
{
    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(100);

    /// <returns>What was found, in words.</returns>
    /// <exception cref="UserException">A report is missing or counted twice.</exception>
    public static string Run(IStreamClients clients, ReportFleet fleet, int records)
    {
        Dictionary<(string Cell, long End, string Vm), uint> counted = [];
        Dictionary<string, long> closed = [];
        foreach (StepChunk chunk in Read(clients))
        {
            closed[chunk.Cell] = Math.Max(closed.GetValueOrDefault(chunk.Cell), chunk.StepEndUnixMs);
            foreach (VmStep vm in chunk.Vms) counted[(chunk.Cell, chunk.StepEndUnixMs, vm.Vm)] = vm.Reports;
        }
        StepOptions options = new();
        long expected = 0;
        for (int i = 0; i < records; i++)
        {
            int vm = i % fleet.Vms;
            long end = options.StepOf(fleet.TimeOf(vm, i / fleet.Vms)) * options.StepMs;
            if (closed.TryGetValue(fleet.CellName(fleet.CellOf(vm)), out long newest) && end <= newest) expected++;
        }
        long found = counted.Values.Sum(c => (long)c);
        return found == expected && found > 0
            ? FormattableString.Invariant($"{counted.Count:N0} steps of VMs hold all {found:N0} reports due")
            : throw new UserException($"vm.steps holds {found} reports; {expected} were due");
    }

    private static IEnumerable<StepChunk> Read(IStreamClients clients)
    {
        using IPartitionReader reader = clients.OpenReader();
        Dictionary<PartitionId, (long Low, long High)> marks = reader.PartitionsOf(Topics.VmSteps.Name).ToDictionary(p => p, reader.Watermarks);
        reader.Assign(marks.ToDictionary(m => m.Key, m => m.Value.Low));
        while (marks.Any(m => reader.Position(m.Key) < m.Value.High))
            if (reader.TryPoll(PollWait, out StreamRecord record)) yield return StepChunk.Parser.ParseFrom(record.Value);
    }
}
