using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Streaming;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Registry;
using Pipeline.Predictor.Service;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Predictor.Registry;

public sealed class ModelsReaderTests : IDisposable
{
    private readonly ServedModel _served = new(TestModel.Scorer(), "first");
    private readonly ModelsReader _reader;
    private readonly Output _output = new();

    public ModelsReaderTests()
    {
        _reader = new ModelsReader(_served, threads: 1, NullLogger.Instance);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_chosen_model_is_served_whatever_comes_first(bool choiceFirst)
    {
        ModelFile file = TestModel.File();
        if (choiceFirst) Choose(file.Card.Id);
        Store(file);
        if (!choiceFirst)
        {
            Assert.Equal("first", _served.Id);
            Choose(file.Card.Id);
        }
        Assert.Equal((file.Card.Id, 1, 0), (_served.Id, _reader.Swaps, _reader.Refused));
    }

    [Fact]
    public void A_snapshot_that_is_half_there_is_scored_whole_by_the_new_model()
    {
        PredictorProcessor processor = new(_served);
        SnapshotChunk[] snapshot = TestModel.Snapshot(20, chunkVms: 10);
        Feed(processor, snapshot[0]);
        ModelFile file = TestModel.File();
        Store(file);
        Choose(file.Card.Id);
        Feed(processor, snapshot[1]);
        Feed(processor, TestModel.Snapshot(5)[0]);
        Assert.Equal([file.Card.Id, file.Card.Id, file.Card.Id], _output.Models);
        Assert.Empty(_output.Reasons);
    }

    [Fact]
    public void A_model_that_fails_its_self_test_is_refused_once_and_the_old_one_goes_on()
    {
        ModelFile file = TestModel.File();
        float[] answers = [.. file.Card.SelfTest.PeakQuantile];
        answers[0] += 0.01f;
        Store(file with { Card = file.Card with { SelfTest = file.Card.SelfTest with { PeakQuantile = answers } } });
        Choose(file.Card.Id);
        Choose(file.Card.Id);
        Assert.Equal(("first", 1, 0), (_served.Id, _reader.Refused, _reader.Swaps));
        Feed(new PredictorProcessor(_served), TestModel.Snapshot(5)[0]);
        Assert.Equal(["first"], _output.Models);
    }

    [Fact]
    public void A_refused_model_that_is_published_again_whole_is_served()
    {
        ModelFile file = TestModel.File();
        Store(file with { Model = [.. file.Model, 0] });
        Choose(file.Card.Id);
        Assert.Equal(("first", 1), (_served.Id, _reader.Refused));
        Store(file);
        Assert.Equal(file.Card.Id, _served.Id);
    }

    [Fact]
    public void A_model_for_other_snapshots_is_refused()
    {
        ModelFile file = TestModel.File();
        Store(file with { Card = file.Card with { Signature = file.Card.Signature with { FeatureSet = "other" } } });
        Choose(file.Card.Id);
        Assert.Equal(("first", 1), (_served.Id, _reader.Refused));
    }

    [Fact]
    public void Models_that_nobody_chose_are_forgotten_and_counted()
    {
        for (int i = 0; i < 20; i++) Apply($"model:m{i}", new ModelRecord { Model = new StoredModel { Id = $"m{i}", Model = ByteString.CopyFromUtf8("x"), Card = ByteString.CopyFromUtf8("{}") } });
        Assert.Equal(4, _reader.Forgotten);
    }

    [Fact]
    public void Shadows_come_and_go_with_the_choice_and_a_broken_one_is_refused()
    {
        ModelFile file = TestModel.File(), broken = file with { Card = file.Card with { Name = "broken", SelfTest = file.Card.SelfTest with { BusyProbability = new float[file.Card.SelfTest.BusyProbability.Length] } } };
        Apply("serving", new ModelRecord { Serving = new ServingChoice { Ids = { "first" }, ShadowIds = { file.Card.Id, broken.Card.Id } } });
        Assert.Empty(_served.Shadows);
        Store(broken);
        Store(file);
        Assert.Equal((file.Card.Id, 1, "first"), (Assert.Single(_served.Shadows).Id, _reader.Refused, _served.Id));
        Choose("first");
        Assert.Empty(_served.Shadows);
        // A shadow that is chosen is no shadow any more.
        Apply("serving", new ModelRecord { Serving = new ServingChoice { Ids = { "first" }, ShadowIds = { file.Card.Id } } });
        Choose(file.Card.Id);
        Assert.Equal((file.Card.Id, 0), (_served.Id, _served.Shadows.Count));
    }

    [Fact]
    public void A_choice_carries_its_shadows_along()
    {
        ServingChoice choice = ModelChoice.Shadow(ModelChoice.Publish(ModelChoice.Publish(null, "a", 1), "b", 2), "s", 3);
        Assert.Equal(("b a", "s"), (string.Join(' ', choice.Ids), string.Join(' ', choice.ShadowIds)));
        Assert.Equal(["s"], ModelChoice.Rollback(choice, 4).ShadowIds);
        Assert.Empty(ModelChoice.Publish(choice, "s", 4).ShadowIds);
        Assert.Empty(ModelChoice.EndShadow(choice, "s", 4).ShadowIds);
        foreach (string more in (string[])["t", "u", "v"]) choice = ModelChoice.Shadow(choice, more, 5);
        Assert.Equal(["t", "u", "v"], choice.ShadowIds);
        Assert.Contains("it cannot be its own shadow", Assert.Throws<UserException>(() => ModelChoice.Shadow(choice, "b", 6)).Message, StringComparison.Ordinal);
        Assert.Contains("no model was published", Assert.Throws<UserException>(() => ModelChoice.Shadow(null, "b", 6)).Message, StringComparison.Ordinal);
        Assert.Contains("is no shadow", Assert.Throws<UserException>(() => ModelChoice.EndShadow(choice, "b", 6)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_record_of_models_is_passed_over()
    {
        Apply("serving", new ModelRecord());
        Apply("else", new ModelRecord { Serving = new ServingChoice { Ids = { "a" } } });
        Assert.Equal(2, _output.Reasons.Count);
        Assert.Equal("first", _served.Id);
    }

    [Fact]
    public void Rollback_goes_back_model_by_model_and_says_when_there_is_none()
    {
        ServingChoice choice = ModelChoice.Publish(ModelChoice.Publish(ModelChoice.Publish(null, "a", 1), "b", 2), "c", 3);
        Assert.Equal(["c", "b", "a"], choice.Ids);
        Assert.Equal(["a", "c", "b"], ModelChoice.Publish(choice, "a", 4).Ids);
        choice = ModelChoice.Rollback(ModelChoice.Rollback(choice, 5), 6);
        Assert.Equal(["a"], choice.Ids);
        Assert.Contains("no model before", Assert.Throws<UserException>(() => ModelChoice.Rollback(choice, 7)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _served.Dispose();

    private void Store(ModelFile file) => Apply("model:" + file.Card.Id, new ModelRecord
    {
        Model = new StoredModel { Id = file.Card.Id, Model = ByteString.CopyFrom(file.Model), Card = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(file.Card, ModelJson.Options)) },
    });

    private void Choose(string id) => Apply("serving", new ModelRecord { Serving = new ServingChoice { Ids = { id } } });

    private void Apply(string key, ModelRecord value) => _reader.Apply(Record(Topics.Models.Name, key, value), _output);

    private void Feed(PredictorProcessor processor, SnapshotChunk chunk) => processor.Process(Record(Topics.GraphSnapshots.Name, chunk.Cell, chunk), _output);

    private static StreamRecord Record(string topic, string key, IMessage value) => new()
    {
        Topic = topic,
        Partition = 0,
        Offset = 0,
        TimestampUnixMs = 1_700_000_100_000,
        Key = Encoding.UTF8.GetBytes(key),
        Value = value.ToByteArray(),
    };

    private sealed class Output : IOutput
    {
        public List<string> Models { get; } = [];

        public List<string> Reasons { get; } = [];

        public void Emit<T>(TopicSpec<T> topic, string key, T value)
            where T : IMessage<T> => Models.Add(((PredictionChunk)(object)value).Model);

        public void DeadLetter(in StreamRecord record, string reason) => Reasons.Add(reason);
    }
}
