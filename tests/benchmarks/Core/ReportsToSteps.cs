using System.Text;
using BenchmarkDotNet.Attributes;
using Google.Protobuf;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Streaming;
using Pipeline.Processors.Service;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;
using Pipeline.Tests.Benchmarks.Throughput;

namespace Pipeline.Tests.Benchmarks.Core;

/// <summary>Reports of one partition, 2,500 VMs in 2 cells, fed to the processor; figures are for one report.</summary>
[MemoryDiagnoser]
public class ReportsToSteps
{
    private const int Reports = 500_000, Vms = 2500, Cells = 2, IntervalMs = 10_000;

    /// <summary>An empty group, which only the parser passes over: the record is decoded the plain way.</summary>
    private static readonly byte[] Group = [0x7B, 0x7C];

    private StreamRecord[] records = [];
    private StreamRecord[] plain = [];

    [GlobalSetup]
    public void Setup()
    {
        records = Make(new ReportFleet(Vms, Cells, IntervalMs), Reports);
        plain = [.. records.Select(r => r with { Value = [.. r.Value, .. Group] })];
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Reports)]
    public long Parser() => Run(plain);

    [Benchmark(OperationsPerInvoke = Reports)]
    public long Short() => Run(records);

    private static long Run(StreamRecord[] records)
    {
        StepProcessor processor = new(new StepOptions { Snapshots = false });
        CountingOutput output = new();
        foreach (ref readonly StreamRecord record in records.AsSpan()) processor.Process(record, output);
        return output.Bytes > 0 ? output.Bytes : throw new UserException("nothing was published");
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
