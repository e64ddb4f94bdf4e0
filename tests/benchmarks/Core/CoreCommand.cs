using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Streaming;
using Pipeline.Processors.Service;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;
using Pipeline.Tests.Benchmarks.Throughput;

namespace Pipeline.Tests.Benchmarks.Core;

/// <summary><c>core</c>: reports to steps in this process, without Kafka: what decoding, validating and windowing cost by themselves.</summary>
internal static class CoreCommand
{
    /// <summary>An empty group, which only the parser passes over: the record is decoded the plain way.</summary>
    private static readonly byte[] Group = [0x7B, 0x7C];

    private static readonly Option<int> Records = CommonOptions.Int("--records", "Reports of one partition", 500_000, 1000, 10_000_000);
    private static readonly Option<int> Vms = CommonOptions.Int("--vms", "VMs of the partition, in 2 cells", 2500, 1, 100_000);
    private static readonly Option<int> Repetitions = CommonOptions.Int("--repetitions", "How often each way runs", 9, 1, 1000);

    public static Command Create()
    {
        Command command = new("core", "Reports to steps without Kafka, by the short way and by the parser.");
        foreach (Option option in new Option[] { Records, Vms, Repetitions }) command.Add(option);
        command.SetAction(parsed =>
        {
            StreamRecord[] records = Make(new ReportFleet(parsed.GetValue(Vms), 2, 10_000), parsed.GetValue(Records));
            StreamRecord[] plain = [.. records.Select(r => r with { Value = [.. r.Value, .. Group] })];
            List<double>[] ns = [[], []];
            for (int i = 0; i < parsed.GetValue(Repetitions); i++)
            {
                ns[0].Add(Run(records));
                ns[1].Add(Run(plain));
            }
            Console.WriteLine("| way | ns a report: best | median |");
            Console.WriteLine("|---|--:|--:|");
            foreach ((string way, List<double> times) in new[] { "short", "parser" }.Zip(ns))
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {way} | {times.Min():F0} | {times.Order().ElementAt(times.Count / 2):F0} |"));
            return 0;
        });
        return command;
    }

    private static double Run(StreamRecord[] records)
    {
        StepProcessor processor = new(new StepOptions { Snapshots = false });
        CountingOutput output = new();
        GC.Collect();
        long started = Stopwatch.GetTimestamp();
        foreach (ref readonly StreamRecord record in records.AsSpan()) processor.Process(record, output);
        double ns = Stopwatch.GetElapsedTime(started).TotalNanoseconds / records.Length;
        return output.Bytes > 0 ? ns : throw new UserException("nothing was published");
    }

    private static StreamRecord[] Make(ReportFleet fleet, int count)
    {
        StreamRecord[] records = new StreamRecord[count];
        VmReport report = ReportFleet.Empty();
        VmReports reports = new() { Reports = { report } };
        byte[][] keys = [.. Enumerable.Range(0, fleet.Cells).Select(c => Encoding.UTF8.GetBytes(fleet.CellName(c)))];
        for (int i = 0; i < count; i++)
        {
            int vm = i % fleet.Vms;
            fleet.Fill(report, vm, i / fleet.Vms);
            records[i] = new StreamRecord
            {
                Topic = Topics.VmMetrics.Name,
                Partition = 0,
                Offset = i,
                TimestampUnixMs = report.TimeUnixMs,
                Key = keys[fleet.CellOf(vm)],
                Value = reports.ToByteArray(),
            };
        }
        return records;
    }

    /// <summary>Serialises what is published, as the loop would, and throws it away.</summary>
    private sealed class CountingOutput : IOutput
    {
        public long Bytes { get; private set; }

        public void Emit<T>(TopicSpec<T> topic, string key, T value)
            where T : IMessage<T> => Bytes += value.ToByteArray().Length;

        public void DeadLetter(in StreamRecord record, string reason) => throw new UserException($"offset {record.Offset}: {reason}");
    }
}
