using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Tests.Benchmarks.Latency;

/// <summary>Reads committed dispatches as a VM's worker does, notes when each call was first seen, and completes it at once.</summary>
internal sealed class DispatchReader : IDisposable
{
    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(100);

    private readonly IPartitionReader reader;
    private readonly IProducer<byte[], byte[]> producer;
    private int answered;

    public DispatchReader(KafkaConnection kafka, int calls, IProducer<byte[], byte[]> producer)
    {
        this.producer = producer;
        SeenAt = new long[calls];
        reader = new ConfluentClients(kafka, NullLoggerFactory.Instance).OpenReader();
        reader.Assign(reader.PartitionsOf(Topics.FunctionDispatches.Name).ToDictionary(p => p, _ => 0L));
    }

    /// <summary>When each call's dispatch was first seen, in ticks of the stopwatch; 0: never.</summary>
    public long[] SeenAt { get; }

    public int Rejected { get; private set; }

    public int Repeated { get; private set; }

    /// <summary>Reads until every call is answered.</summary>
    public Task RunAsync(CancellationToken cancel) =>
        Task.Factory.StartNew(() => Read(cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public void Dispose() => reader.Dispose();

    private void Read(CancellationToken cancel)
    {
        while (answered < SeenAt.Length && !cancel.IsCancellationRequested)
        {
            if (!reader.TryPoll(PollWait, out StreamRecord record)) continue;
            long now = Stopwatch.GetTimestamp();
            Dispatch dispatch = Dispatch.Parser.ParseFrom(record.Value);
            int call = CallSchedule.CallOf(dispatch.InvocationId);
            if (SeenAt[call] != 0)
            {
                Repeated++;
                continue;
            }
            SeenAt[call] = now;
            answered++;
            if (dispatch.Outcome != Dispatch.Types.Outcome.Dispatched) Rejected++;
            else producer.Produce(Topics.FunctionCompletions.Name, new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(dispatch.Function), Value = CallSchedule.Complete(dispatch).ToByteArray() });
        }
    }
}
