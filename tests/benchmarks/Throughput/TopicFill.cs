using System.Text;
using Confluent.Kafka;
using Google.Protobuf;
using Pipeline.Infra.Kafka;
using Pipeline.Schemas;

namespace Pipeline.Tests.Benchmarks.Throughput;

/// <summary>Writes the fleet's reports to vm.metrics, one report a record, round by round over all VMs.</summary>
internal static class TopicFill
{
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromMinutes(5), QueueFullWait = TimeSpan.FromMilliseconds(20);

    /// <returns>Bytes of keys and values.</returns>
    public static long Run(KafkaConnection kafka, ReportFleet fleet, int records, CancellationToken cancel)
    {
        ProducerConfig config = KafkaClients.ProducerConfig(kafka);
        config.LingerMs = 50;
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).Build();
        byte[][] keys = [.. Enumerable.Range(0, fleet.Cells).Select(c => Encoding.UTF8.GetBytes(fleet.CellName(c)))];
        TopicPartition[] partitions = [.. Enumerable.Range(0, fleet.Cells).Select(c => new TopicPartition(Topics.VmMetrics.Name, ReportFleet.PartitionOf(c)))];
        VmReport[] kinds = [ReportFleet.Empty(), ReportFleet.Empty()];
        VmReports[] messages = [.. kinds.Select(k => new VmReports { Reports = { k } })];
        long bytes = 0;
        for (int i = 0; i < records; i++)
        {
            cancel.ThrowIfCancellationRequested();
            int vm = i % fleet.Vms, cell = fleet.CellOf(vm);
            fleet.Fill(kinds[vm % 2], vm, i / fleet.Vms);
            Message<byte[], byte[]> message = new() { Key = keys[cell], Value = messages[vm % 2].ToByteArray() };
            bytes += message.Key.Length + message.Value.Length;
            Produce(producer, partitions[cell], message);
        }
        producer.Flush(FlushTimeout);
        return bytes;
    }

    private static void Produce(IProducer<byte[], byte[]> producer, TopicPartition target, Message<byte[], byte[]> message)
    {
        while (true)
        {
            try
            {
                producer.Produce(target, message);
                return;
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                producer.Poll(QueueFullWait);
            }
        }
    }
}
