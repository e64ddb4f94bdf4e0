using System.Collections.Concurrent;
using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Predictor.Commands;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Registry;
using Pipeline.Predictor.Scoring;
using Pipeline.Predictor.Service;
using Pipeline.Schemas;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.Integration.Predictor;

/// <summary>The verbs of <c>predictor models</c> and a serving predictor on a real broker. Cell and models carry a run's number: the topics are shared with other tests.</summary>
[Collection(KafkaTests.Name)]
public sealed class ModelsServiceTests(KafkaCluster cluster) : IDisposable
{
    private const int Vms = 6, ChunkVms = 3;
    private const long Start = 1_767_571_200_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120), Look = TimeSpan.FromMilliseconds(50);

    private readonly string run = Guid.NewGuid().ToString("N");
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-models-");
    private readonly RecordingLog log = new();
    private int sent;

    private string Cell => "cell-" + run;

    private KafkaConnection Kafka => cluster.Connection;

    [KafkaFact]
    public async Task A_running_service_changes_models_without_a_gap_refuses_a_broken_one_and_goes_back()
    {
        await TopicSetup.EnsureAsync(Kafka);
        using CancellationTokenSource stop = new(Patience);
        (string a, string b) = (Save("a"), Save("b"));
        ModelFile broken = Broken();

        await RunAsync("publish", "--model", FileOf("a"));
        using (Serving first = new(this, stop.Token))
        {
            await first.FeedUntilAsync(a);
            await RunAsync("publish", "--model", FileOf("b"));
            await first.FeedUntilAsync(b);

            broken.Save(FileOf("broken"));
            UserException refused = await Assert.ThrowsAsync<UserException>(() => RunAsync("publish", "--model", FileOf("broken")));
            Assert.Contains("self-test", refused.Message, StringComparison.Ordinal);
            // Whoever writes to the topic past the command is refused by those who serve.
            await ChooseAsync(broken, stop.Token);
            await first.FeedUntilAsync(() => log.Has(LogLevel.Error, $"model {broken.Card.Id} is refused: the self-test gives"));
            await first.FeedUntilAsync(b);

            await RunAsync("rollback");
            await RunAsync("rollback");
            await first.FeedUntilAsync(a);
            await first.EndAsync();
        }

        Assert.Equal([a, b, a], Changes());
        // One that begins anew serves the choice from its first snapshot on.
        using (Serving second = new(this, stop.Token))
        {
            await second.FeedUntilAsync(a);
            await second.EndAsync();
        }
        Assert.Equal([a, b, a], Changes());
        Assert.Equal(Enumerable.Range(0, sent).SelectMany(i => new[] { (StepEnd(i), 0u), (StepEnd(i), 1u) }), Predicted().Select(p => (p.StepEndUnixMs, p.Chunk)));
    }

    [KafkaFact]
    public async Task A_shadow_scores_live_snapshots_and_the_skill_of_both_goes_on_over_a_restart()
    {
        const int Steps = 14;
        await TopicSetup.EnsureAsync(Kafka);
        using CancellationTokenSource stop = new(Patience);
        (string a, string b) = (Save("a"), Save("b"));
        await RunAsync("publish", "--model", FileOf("a"));
        await RunAsync("shadow", "--model", FileOf("b"));
        Assert.Contains("shadow  ", await RunAsync("list"), StringComparison.Ordinal);
        for (int life = 0; life < 2; life++)
        {
            using Serving serving = new(this, stop.Token);
            int until = sent + Steps;
            await serving.FeedUntilAsync(() => sent >= until);
            await serving.EndAsync();
        }
        Assert.Equal([a], Changes());
        foreach (string model in (string[])[a, b])
        {
            List<ModelSkill> told = Told().FindAll(s => s.Model == model);
            Assert.Equal(Enumerable.Range(0, sent).Select(StepEnd), told.Select(s => s.StepEndUnixMs));
            Assert.All(told, s => Assert.Equal(model == b, s.Shadow));
            // Every step but the first is the next of all VMs, also the one behind the restart.
            double[] cases = [.. told.Select(s => s.Cells.Where(c => c.HorizonS == 300).Sum(c => c.Cases))];
            Assert.All(cases.Zip(cases.Skip(1)), pair => Assert.Equal((pair.First * Math.Exp(-300 / 21_600.0)) + Vms, pair.Second, 1e-6));
        }
        await RunAsync("unshadow", b);
        Assert.DoesNotContain(b, new ModelsTopic(Kafka).Read(stop.Token).Serving!.ShadowIds);
    }

    [KafkaFact]
    public async Task The_list_says_what_is_served_and_what_was_before()
    {
        await TopicSetup.EnsureAsync(Kafka);
        (string a, string b) = (Save("a"), Save("b"));
        await RunAsync("publish", "--model", FileOf("a"));
        await RunAsync("publish", "--model", FileOf("b"));
        ModelsTopic.Contents contents = new ModelsTopic(Kafka).Read(CancellationToken.None);
        Assert.Equal([b, a], contents.Serving!.Ids.Take(2));
        Assert.Equal(File.ReadAllBytes(FileOf("b")), contents.Models[b].Model.ToByteArray());
        string[] lines = (await RunAsync("list")).Split('\n');
        Assert.Matches($"^served +[0-9,]+ bytes +{b}", lines[0]);
        Assert.Matches($"^before +[0-9,]+ bytes +{a}", lines[1]);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private string FileOf(string name) => Path.Combine(folder.FullName, name + ".onnx");

    /// <summary>The shipped model under a name of this run's.</summary>
    private ModelFile Model(string name)
    {
        ModelFile shipped = ModelFile.Load(ModelFile.DefaultPath);
        return shipped with { Card = shipped.Card with { Name = $"{name}-{run}" } };
    }

    private string Save(string name)
    {
        ModelFile model = Model(name);
        model.Save(FileOf(name));
        return model.Card.Id;
    }

    /// <summary>A model that does not answer as its card says.</summary>
    private ModelFile Broken()
    {
        ModelFile model = Model("broken");
        SelfTest test = model.Card.SelfTest;
        return model with { Card = model.Card with { SelfTest = test with { PeakQuantile = [.. test.PeakQuantile.Select(q => 1 - q)] } } };
    }

    private async Task ChooseAsync(ModelFile file, CancellationToken cancel)
    {
        ModelsTopic topic = new(Kafka);
        await topic.WriteAsync(ModelsTopic.Stored(file), cancel);
        await topic.WriteAsync(ModelChoice.Publish(topic.Read(cancel).Serving, file.Card.Id, Start), cancel);
    }

    private async Task<string> RunAsync(params string[] args)
    {
        StringWriter text = new(CultureInfo.InvariantCulture);
        RootCommand root = new() { ModelsCommand.Create(TimeProvider.System, text) };
        ParseResult parsed = root.Parse(["models", .. args, "--kafka", Kafka.BootstrapServers]);
        Assert.Empty(parsed.Errors);
        Assert.Equal(0, await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }));
        return text.ToString();
    }

    private List<PredictionChunk> Predicted() =>
        [.. CommittedRecords.Read(Kafka, Topics.VmPredictions.Name).Select(r => PredictionChunk.Parser.ParseFrom(r.Message.Value)).Where(c => c.Cell == Cell)];

    private List<ModelSkill> Told() =>
        [.. CommittedRecords.Read(Kafka, Topics.ModelSkill.Name).Select(r => ModelSkill.Parser.ParseFrom(r.Message.Value)).Where(c => c.Cell == Cell)];

    /// <summary>The models in the order in which they took over.</summary>
    private List<string> Changes()
    {
        List<string> changes = [];
        foreach (PredictionChunk chunk in Predicted())
            if (changes.Count == 0 || changes[^1] != chunk.Model) changes.Add(chunk.Model);
        return changes;
    }

    private static long StepEnd(int step) => Start + step * 300_000L;

    /// <summary>VMs that are half busy all the time, in two chunks.</summary>
    private IEnumerable<SnapshotChunk> Snapshot(int step)
    {
        InputSignature s = ModelFile.Load(ModelFile.DefaultPath).Card.Signature;
        for (uint c = 0; c < Vms / ChunkVms; c++)
        {
            SnapshotChunk chunk = new()
            {
                Cell = Cell,
                StepEndUnixMs = StepEnd(step),
                StepMs = s.StepMs,
                Chunk = c,
                Chunks = Vms / ChunkVms,
                Rows = Vms,
                FirstRow = c * ChunkVms,
                WindowSteps = (uint)s.WindowSteps,
                Signal = { s.Signals },
                Feature = { s.Features },
                FeatureSet = s.FeatureSet,
                NeighboursK = 1,
                Window = Filled((Half).5f, ChunkVms * s.WindowSteps * s.Signals.Count),
                Features = Filled(float.NaN, ChunkVms * s.Features.Count),
                Neighbours = Filled(uint.MaxValue, ChunkVms),
                NeighbourWeights = Filled(0f, ChunkVms),
            };
            for (int i = 0; i < ChunkVms; i++)
            {
                chunk.Vm.Add($"vm-{chunk.FirstRow + i}");
                chunk.Cores.Add(4);
                chunk.MemoryBytes.Add(1 << 30);
                chunk.Community.Add(0);
            }
            yield return chunk;
        }
    }

    private static ByteString Filled<T>(T value, int count)
        where T : unmanaged
    {
        T[] values = new T[count];
        Array.Fill(values, value);
        return ByteString.CopyFrom(MemoryMarshal.AsBytes<T>(values));
    }

    /// <summary>A predictor that serves, and whoever sends it snapshots.</summary>
    private sealed class Serving : IDisposable
    {
        private readonly ModelsServiceTests test;
        private readonly CancellationTokenSource end;
        private readonly ServedModel served;
        private readonly StreamService service;
        private readonly IProducer<byte[], byte[]> producer;
        private readonly Task running;

        public Serving(ModelsServiceTests test, CancellationToken cancel)
        {
            this.test = test;
            end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            (Scorer scorer, ModelCard card) = ModelFile.Open(ModelFile.DefaultPath, threads: 1);
            served = new ServedModel(scorer, card.Id);
            Topology topology = PredictorTopology.Following(served, threads: 1, test.log.CreateLogger("test"));
            Topology own = topology with { Name = topology.Name + "-" + test.run, CreateProcessor = partition => new OwnProcessor(test.run, topology.CreateProcessor(partition)) };
            service = new StreamService(own, test.Kafka, new StreamOptions { CommitInterval = TimeSpan.Zero }, test.log, TimeProvider.System);
            producer = new ProducerBuilder<byte[], byte[]>(KafkaClients.ProducerConfig(test.Kafka)).Build();
            running = service.RunAsync(end.Token);
        }

        /// <summary>Sends snapshots until one is scored by this model.</summary>
        public Task FeedUntilAsync(string model) => FeedUntilAsync(() => test.Predicted().LastOrDefault()?.Model == model);

        public async Task FeedUntilAsync(Func<bool> reached)
        {
            do
            {
                int step = test.sent++;
                foreach (SnapshotChunk chunk in test.Snapshot(step))
                    producer.Produce(Topics.GraphSnapshots.Name, new Message<byte[], byte[]> { Key = System.Text.Encoding.UTF8.GetBytes(test.Cell), Value = chunk.ToByteArray() });
                producer.Flush(Patience);
                await Task.Delay(Look, end.Token);
                Assert.False(running.IsCompleted, "the service ended");
            }
            while (!reached());
        }

        /// <summary>Ends the service when it has answered all that was sent.</summary>
        public async Task EndAsync()
        {
            while (test.Predicted().Count < test.sent * (Vms / ChunkVms)) await Task.Delay(Look, end.Token);
            await end.CancelAsync();
            await running;
        }

        public void Dispose()
        {
            end.Cancel();
            service.Dispose();
            producer.Dispose();
            served.Dispose();
            end.Dispose();
        }
    }

    private sealed class RecordingLog : ILoggerFactory, ILogger
    {
        private readonly ConcurrentQueue<(LogLevel Level, string Text)> entries = new();

        public bool Has(LogLevel level, string start) => entries.Any(e => e.Level == level && e.Text.StartsWith(start, StringComparison.Ordinal));

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            entries.Enqueue((logLevel, formatter(state, exception)));

        public void Dispose()
        {
        }
    }
}
