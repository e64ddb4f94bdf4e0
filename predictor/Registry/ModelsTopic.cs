using System.Text.Json;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Predictor.Models;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Predictor.Registry;

/// <summary>The topic of models, for commands: reads all of it, writes to it.</summary>
public sealed class ModelsTopic(KafkaConnection kafka)
{
    /// <summary>What is in the topic.</summary>
    /// <param name="Models">By id.</param>
    /// <param name="Serving">Null: nothing was chosen yet.</param>
    public sealed record Contents(IReadOnlyDictionary<string, StoredModel> Models, ServingChoice? Serving);

    /// <summary>A model as it stands in the topic.</summary>
    public static StoredModel Stored(ModelFile file) => new()
    {
        Id = file.Card.Id,
        Model = ByteString.CopyFrom(file.Model),
        Card = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(file.Card, ModelJson.Options)),
    };

    /// <summary>The file of a model that stands in the topic; says what is wrong with it, or null.</summary>
    public static string? TryParse(StoredModel model, out ModelFile? file) => ModelFile.TryParse(model.Model.ToByteArray(), model.Card.ToByteArray(), out file);

    /// <summary>Reads up to what is there now. What is not valid is passed over, as by those who serve.</summary>
    public Contents Read(CancellationToken cancel)
    {
        Dictionary<string, StoredModel> models = new(StringComparer.Ordinal);
        ServingChoice? serving = null;
        using IPartitionReader reader = new ConfluentClients(kafka, NullLoggerFactory.Instance).OpenReader();
        foreach (StreamRecord record in TopicContents.Read(reader, Topics.Models.Name, null, cancel))
        {
            if (!Topics.Models.TryRead(new RecordContext(record.KeyText, record.TimestampUnixMs), record.Value, out ModelRecord value, out _)) continue;
            if (value.ValueCase == ModelRecord.ValueOneofCase.Model) models[value.Model.Id] = value.Model;
            else serving = value.Serving;
        }
        return new Contents(models, serving);
    }

    /// <summary>Writes a model, then nothing else happens: it is served when it is chosen.</summary>
    public Task WriteAsync(StoredModel model, CancellationToken cancel) => WriteAsync(ModelValidator.ModelKeyStart + model.Id, new ModelRecord { Model = model }, cancel);

    /// <summary>Chooses.</summary>
    public Task WriteAsync(ServingChoice choice, CancellationToken cancel) => WriteAsync(ModelValidator.ServingKey, new ModelRecord { Serving = choice }, cancel);

    private async Task WriteAsync(string key, ModelRecord value, CancellationToken cancel)
    {
        if (ModelValidator.Check(value, new RecordContext(key, 0)) is { } wrong) throw new UserException(wrong);
        await TopicPublisher.PublishAsync(kafka, Topics.Models, [(key, value)], cancel);
    }
}
