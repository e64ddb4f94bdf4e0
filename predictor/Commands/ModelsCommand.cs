using System.CommandLine;
using System.Globalization;
using Google.Protobuf.Collections;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Registry;
using Pipeline.Predictor.Scoring;
using Pipeline.Schemas;

namespace Pipeline.Predictor.Commands;

/// <summary><c>predictor models</c>: which models there are, and which one is served.</summary>
public static class ModelsCommand
{
    /// <param name="output">What was done, and the list.</param>
    public static Command Create(TimeProvider time, TextWriter output) =>
        new("models", "Models on the topic 'models': running services serve the one chosen there.") { Publish(time, output), Rollback(time, output), Shadow(time, output), EndShadow(time, output), List(output) };

    private static Command Publish(TimeProvider time, TextWriter output)
    {
        (ServiceOptions service, Option<FileInfo> model) = (new(), PredictorCommandOptions.Model());
        Command command = new("publish", "Checks a model, puts it on the topic and has it served.") { model };
        service.AddConnectionTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            KafkaConnection kafka = service.Connection(parsed);
            ModelFile file = ModelFile.LoadServable(parsed.GetValue(model)!.FullName);
            await TopicSetup.EnsureAsync(kafka, cancel);
            ModelsTopic topic = new(kafka);
            ServingChoice? now = topic.Read(cancel).Serving;
            await topic.WriteAsync(ModelsTopic.Stored(file), cancel);
            await topic.WriteAsync(ModelChoice.Publish(now, file.Card.Id, time.GetUtcNow().ToUnixTimeMilliseconds()), cancel);
            output.WriteLine($"serving {file.Card.Id}" + (now is null ? "" : $", before it {now.Ids[0]}"));
            return 0;
        });
        return command;
    }

    private static Command Shadow(TimeProvider time, TextWriter output)
    {
        (ServiceOptions service, Option<FileInfo> model) = (new(), PredictorCommandOptions.Model());
        Command command = new("shadow", "Checks a model, puts it on the topic and has it score live snapshots beside the served one; its skill is in 'model.skill'.") { model };
        service.AddConnectionTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            ModelFile file = ModelFile.LoadServable(parsed.GetValue(model)!.FullName);
            ModelsTopic topic = new(service.Connection(parsed));
            ServingChoice next = ModelChoice.Shadow(topic.Read(cancel).Serving, file.Card.Id, time.GetUtcNow().ToUnixTimeMilliseconds());
            await topic.WriteAsync(ModelsTopic.Stored(file), cancel);
            await topic.WriteAsync(next, cancel);
            output.WriteLine($"{file.Card.Id} scores beside {next.Ids[0]}");
            return 0;
        });
        return command;
    }

    private static Command EndShadow(TimeProvider time, TextWriter output)
    {
        (ServiceOptions service, Argument<string> id) = (new(), new("ID") { Description = "Id of the shadow, as 'predictor models list' has it" });
        Command command = new("unshadow", "Ends a shadow.") { id };
        service.AddConnectionTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            ModelsTopic topic = new(service.Connection(parsed));
            await topic.WriteAsync(ModelChoice.EndShadow(topic.Read(cancel).Serving, parsed.GetValue(id)!, time.GetUtcNow().ToUnixTimeMilliseconds()), cancel);
            output.WriteLine($"{parsed.GetValue(id)} is no shadow any more");
            return 0;
        });
        return command;
    }

    private static Command Rollback(TimeProvider time, TextWriter output)
    {
        ServiceOptions service = new();
        Command command = new("rollback", "Has the model served that was served before.");
        service.AddConnectionTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            ModelsTopic topic = new(service.Connection(parsed));
            ModelsTopic.Contents contents = topic.Read(cancel);
            ServingChoice next = ModelChoice.Rollback(contents.Serving, time.GetUtcNow().ToUnixTimeMilliseconds());
            await topic.WriteAsync(next, cancel);
            output.WriteLine($"serving {next.Ids[0]} again, no more {contents.Serving!.Ids[0]}");
            return 0;
        });
        return command;
    }

    private static Command List(TextWriter output)
    {
        ServiceOptions service = new();
        Command command = new("list", "Lists the models of the topic, the served one first.");
        service.AddConnectionTo(command);
        command.SetAction((parsed, cancel) =>
        {
            ModelsTopic.Contents contents = new ModelsTopic(service.Connection(parsed)).Read(cancel);
            RepeatedField<string> chosen = contents.Serving?.Ids ?? [];
            RepeatedField<string> shadows = contents.Serving?.ShadowIds ?? [];
            foreach (string id in chosen.Concat(contents.Models.Keys.Except(chosen).Order(StringComparer.Ordinal)))
            {
                string state = chosen.Count > 0 && id == chosen[0] ? "served" : shadows.Contains(id) ? "shadow" : chosen.Contains(id) ? "before" : "";
                string size = contents.Models.TryGetValue(id, out StoredModel? model) ? string.Create(CultureInfo.InvariantCulture, $"{model.Model.Length,9:N0} bytes") : "not there";
                output.WriteLine($"{state,-7} {size}  {id}");
            }
            if (chosen.Count + contents.Models.Count == 0) output.WriteLine("no models; services serve the one of their --model");
            return Task.FromResult(0);
        });
        return command;
    }
}
