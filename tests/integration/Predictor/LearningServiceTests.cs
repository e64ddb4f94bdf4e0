using Confluent.Kafka;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.Kafka;
using Pipeline.Predictor.Learning;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Registry;
using Pipeline.Schemas;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.Integration.Predictor;

/// <summary>A round of learning on from <c>vm.steps</c> on a real broker.</summary>
[Collection(KafkaTests.Name)]
public sealed class LearningServiceTests(KafkaCluster cluster)
{
    private const int Vms = 12, Steps = 150, StepMs = 300_000;

    /// <summary>2026-02-01T00:00:00Z.</summary>
    private const long Start = 1_769_904_000_000;

    [KafkaFact]
    public async Task A_challenger_of_the_newest_hours_is_on_the_topic_of_models_beside_the_one_that_it_learned_on_from()
    {
        await TopicSetup.EnsureAsync(cluster.Connection);
        using CancellationTokenSource stop = new(TimeSpan.FromMinutes(2));
        ModelFile shipped = ModelFile.LoadServable(ModelFile.DefaultPath);
        ModelsTopic topic = new(cluster.Connection);
        await topic.WriteAsync(ModelsTopic.Stored(shipped), stop.Token);
        await topic.WriteAsync(ModelChoice.Publish(topic.Read(stop.Token).Serving, shipped.Card.Id, Start), stop.Token);
        SendSteps();

        LearningOptions options = new() { Steps = 12, Days = .3, HeldOutHours = 2.5 };
        Learner.Round? round = await new LearningService(cluster.Connection, options, shipped, TimeProvider.System, NullLogger.Instance).RunRoundAsync(stop.Token);

        Assert.NotNull(round);
        ModelsTopic.Contents contents = topic.Read(stop.Token);
        ModelCard challenger = round.Challenger.Card;
        Assert.Contains(challenger.Training.Data, d => d.LastSlot > d.FirstSlot);
        Assert.True(contents.Models.ContainsKey(challenger.Id) && contents.Models.ContainsKey(shipped.Card.Id));
        Assert.Equal(round.Verdict.IsBetter ? challenger.Id : shipped.Card.Id, contents.Serving!.Ids[0]);
        Assert.Equal(!round.Verdict.IsBetter, contents.Serving.ShadowIds.Contains(challenger.Id));
        Assert.Null(ModelsTopic.TryParse(contents.Models[challenger.Id], out _));
    }

    /// <summary>Half a day of machines that are busy by turns.</summary>
    private void SendSteps()
    {
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(KafkaClients.ProducerConfig(cluster.Connection)).Build();
        Random random = new(1);
        for (int step = 1; step <= Steps; step++)
        {
            StepChunk chunk = new() { Cell = "learning", StepMs = StepMs, StepEndUnixMs = Start + (step * (long)StepMs), Chunks = 1 };
            for (int vm = 0; vm < Vms; vm++)
            {
                float load = .3f + (.25f * MathF.Sin((step + (vm * 3)) / 9f)) + (.1f * random.NextSingle());
                chunk.Vms.Add(new VmStep { Vm = $"vm-{vm}", Cores = 4, MemoryBytes = 8UL << 30, Reports = 1, Own = new Signals { CpuUtilization = load, MemoryUtilization = .5f } });
            }
            producer.Produce(Topics.VmSteps.Name, new Message<byte[], byte[]> { Key = "learning"u8.ToArray(), Value = chunk.ToByteArray() });
        }
        producer.Flush(TimeSpan.FromSeconds(30));
    }
}
