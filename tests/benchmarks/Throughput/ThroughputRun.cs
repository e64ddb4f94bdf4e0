using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.Kafka;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.Benchmarks.Throughput;

/// <summary>Fills the topic once, then runs the sides in turn, each in a process of its own, and checks what they wrote.</summary>
internal sealed class ThroughputRun(ReportFleet fleet, int records, int repetitions, string[] sides)
{
    private readonly Dictionary<string, List<SideResult>> results = sides.ToDictionary(s => s, _ => new List<SideResult>());

    public async Task<int> RunAsync(CancellationToken cancel)
    {
        KafkaStreamsPeer? peer = sides.Contains(Sides.KafkaStreams) ? await KafkaStreamsPeer.BuildAsync(cancel) : null;
        await using KafkaBroker broker = await Broker.StartAsync();
        KafkaConnection kafka = new(broker.BootstrapServers);
        await TopicSetup.EnsureAsync(kafka, cancel);
        OutputTopics outputs = new(kafka);
        await outputs.CreatePeerTopicAsync();
        Stopwatch fill = Stopwatch.StartNew();
        long bytes = TopicFill.Run(kafka, fleet, records, cancel);
        Say($"{records:N0} reports of {fleet.Vms:N0} VMs in {fleet.Cells} cells every {fleet.IntervalMs / 1000.0} s, {bytes / (double)records:F0} bytes each, 4 partitions, written in {fill.Elapsed.TotalSeconds:F0} s");
        for (int repetition = 1; repetition <= repetitions; repetition++)
        {
            foreach (string side in sides)
            {
                if (side == Sides.KafkaStreams && peer is null) continue;
                await outputs.PurgeAsync(cancel);
                string group = string.Create(CultureInfo.InvariantCulture, $"{side}-{repetition}");
                string output = side == Sides.KafkaStreams
                    ? await peer!.RunAsync(kafka, group, records, cancel)
                    : await ChildProcess.RunSelfAsync(SideCommand.Arguments(side, kafka, group, records), cancel);
                SideResult result = SideResult.Parse(output);
                results[side].Add(result);
                string check = side is Sides.Windows or Sides.Steps ? StepCheck.Run(new ConfluentClients(kafka, NullLoggerFactory.Instance), fleet, records) : "";
                Say($"{repetition}/{repetitions} {side,-14} {result.PerSecond,10:N0}/s {result.PerCpuSecond,10:N0} per CPU second  {result.CpuSeconds:F2} CPU s  {result.Note}  {check}");
            }
        }
        ResultTable.Write(Console.Out, results);
        return 0;
    }

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
