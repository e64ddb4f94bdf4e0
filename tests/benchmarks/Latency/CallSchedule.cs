using System.Diagnostics;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Google.Protobuf;
using Pipeline.Schemas;

namespace Pipeline.Tests.Benchmarks.Latency;

/// <summary>When which call is due, and the gateway that sends it.</summary>
internal sealed class CallSchedule(LatencyOptions options)
{
    private const string Cell = "cell-00", Tenant = "tenant";

    private const long Gibibyte = 1L << 30;

    private readonly byte[][] keys = [.. Enumerable.Range(0, options.Functions).Select(f => Encoding.UTF8.GetBytes(Function(f)))];
    private long started;

    /// <summary>Moment that a call is due, in ticks of the stopwatch.</summary>
    public long DueAt(int call) => started + (long)call * Stopwatch.Frequency / options.Rate;

    public static string Id(int call) => call.ToString("00000000", CultureInfo.InvariantCulture);

    public static int CallOf(string id) => int.Parse(id, CultureInfo.InvariantCulture);

    /// <summary>One prediction for all VMs: half of their cores in use, a tenth of them about to be busy.</summary>
    public void SendPrediction(IProducer<byte[], byte[]> producer)
    {
        PredictionChunk chunk = new()
        {
            Cell = Cell,
            StepEndUnixMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
            StepMs = 300_000,
            Chunks = 1,
            Model = "benchmark",
            HorizonS = { 300, 900, 1800, 3600 },
            Level = { .5f, .9f, .95f },
        };
        for (int vm = 0; vm < options.Vms; vm++)
        {
            bool busy = vm % 10 == 0;
            chunk.Vm.Add("vm-" + vm.ToString("000", CultureInfo.InvariantCulture));
            chunk.Cores.Add(8);
            chunk.MemoryBytes.Add(64 * Gibibyte);
            for (int i = 0; i < 12; i++) chunk.PeakQuantile.Add(busy ? .9f : .5f);
            for (int i = 0; i < 4; i++) chunk.BusyProbability.Add(busy ? .7f : .05f);
            chunk.CpuUtilization.Add(.4f);
            chunk.AgeS.Add(0);
            chunk.Community.Add((uint)(vm % 7));
        }
        producer.Produce(Topics.VmPredictions.Name, new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(Cell), Value = chunk.ToByteArray() });
        producer.Flush(TimeSpan.FromSeconds(30));
    }

    /// <summary>Sends every call when it is due.</summary>
    public Task SendAsync(IProducer<byte[], byte[]> producer, CancellationToken cancel)
    {
        started = Stopwatch.GetTimestamp();
        return Task.Factory.StartNew(Send, cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        void Send()
        {
            using ManualResetEventSlim never = new();
            for (int call = 0; call < options.Calls; call++)
            {
                TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), DueAt(call));
                // Rounded up: a call is sent up to a millisecond after it was due, and the latency counts that. To spin until then would take a core from the broker.
                if (left > TimeSpan.Zero) never.Wait((int)Math.Ceiling(left.TotalMilliseconds), cancel);
                producer.Produce(Topics.FunctionInvocations.Name, new Message<byte[], byte[]> { Key = keys[call % options.Functions], Value = Invocation(call).ToByteArray() });
            }
        }
    }

    public static Completion Complete(Dispatch dispatch) => new()
    {
        InvocationId = dispatch.InvocationId,
        Function = dispatch.Function,
        Tenant = dispatch.Tenant,
        Vm = dispatch.Vm,
        Cell = dispatch.Cell,
        TimeUnixMs = dispatch.TimeUnixMs + 50,
        WallMs = 50,
        CpuS = .05,
        Outcome = Completion.Types.Outcome.Succeeded,
    };

    private static string Function(int function) => "function-" + function.ToString("00000", CultureInfo.InvariantCulture);

    private Invocation Invocation(int call) => new()
    {
        Id = Id(call),
        Function = Function(call % options.Functions),
        Tenant = Tenant,
        TimeUnixMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
        MemoryBytes = 128 << 20,
    };
}
