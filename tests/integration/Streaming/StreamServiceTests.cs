using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.Integration.Streaming;

[Collection(KafkaTests.Name)]
public sealed class StreamServiceTests(KafkaCluster cluster)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    /// <summary>Topics of its own: what it writes is no telemetry, and a service that shares the cluster must not restore from it.</summary>
    private static readonly TopicSpec<VmReports> Reports = Topics.VmMetrics with { Name = "test.reports" };

    private static readonly TopicSpec<StepChunk> Counts = Topics.VmSteps with { Name = "test.counts" };

    [KafkaFact]
    public async Task Every_record_is_answered_once_over_restarts_and_state_is_rebuilt_from_the_changelog()
    {
        await CreateTopicsAsync();
        string cell = "restart-" + Guid.NewGuid().ToString("N");
        await RunOverInputsAsync(cell, 1, 200);
        await RunOverInputsAsync(cell, 201, 500);
        List<StepChunk> steps = ReadSteps(cell);
        // The counter goes on where the first instance stopped: its state came back from the changelog.
        Assert.Equal(Enumerable.Range(1, 500).Select(i => (ulong)i), steps.Select(s => (ulong)s.Revision));
        Assert.Equal(Enumerable.Range(1, 500).Select(i => (ulong)i), steps.Select(s => s.Vms[0].LastSequence));
    }

    private async Task CreateTopicsAsync()
    {
        using IAdminClient admin = new AdminClientBuilder(KafkaClients.ConsumerConfig(cluster.Connection, "tests")).Build();
        try
        {
            await admin.CreateTopicsAsync(new TopicSpec[] { Reports, Counts }.Select(t => new TopicSpecification { Name = t.Name, NumPartitions = t.Partitions }));
        }
        catch (CreateTopicsException e) when (e.Results.All(r => r.Error.Code is ErrorCode.NoError or ErrorCode.TopicAlreadyExists))
        {
            // From a run before, on a cluster that stays.
        }
    }

    private async Task RunOverInputsAsync(string cell, int first, int last)
    {
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(KafkaClients.ProducerConfig(cluster.Connection)).Build();
        for (int i = first; i <= last; i++)
        {
            VmReports reports = new() { Reports = { new VmReport { Vm = "vm", Cell = cell, Sequence = (ulong)i } } };
            producer.Produce(Reports.Name, new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(cell), Value = Google.Protobuf.MessageExtensions.ToByteArray(reports) });
        }
        producer.Flush(Timeout);
        TaskCompletionSource counted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Topology topology = new()
        {
            Name = "counting-" + cell,
            Source = Reports,
            Changelogs = [Counts],
            CreateProcessor = _ => new CountingProcessor(cell, last, counted),
        };
        using StreamService service = new(topology, cluster.Connection, new StreamOptions { CommitRecords = 37 }, NullLoggerFactory.Instance, TimeProvider.System);
        using CancellationTokenSource stop = new(Timeout);
        Task run = service.RunAsync(stop.Token);
        await Task.WhenAny(counted.Task, run).WaitAsync(Timeout);
        await stop.CancelAsync();
        await run;
        Assert.True(counted.Task.IsCompleted);
    }

    private List<StepChunk> ReadSteps(string cell) =>
        [.. CommittedRecords.Read(cluster.Connection, Counts.Name).Where(r => Encoding.UTF8.GetString(r.Message.Key) == cell).Select(r => StepChunk.Parser.ParseFrom(r.Message.Value))];

    /// <summary>Counts the records of one cell and writes each count to the other topic.</summary>
    private sealed class CountingProcessor(string cell, int last, TaskCompletionSource counted) : IProcessor
    {
        private int count;

        public void Process(in StreamRecord record, IOutput output)
        {
            if (record.KeyText != cell) return;
            count++;
            VmReport report = VmReports.Parser.ParseFrom(record.Value).Reports[0];
            output.Emit(Counts, cell, new StepChunk { Cell = cell, Revision = (uint)count, Vms = { new VmStep { Vm = report.Vm, LastSequence = report.Sequence } } });
            if (count == last) counted.TrySetResult();
        }

        public void Restore(in StreamRecord record)
        {
            if (record.KeyText == cell) count = (int)StepChunk.Parser.ParseFrom(record.Value).Revision;
        }
    }
}
