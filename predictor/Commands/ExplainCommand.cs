using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.Traces;
using Pipeline.Predictor.Explanation;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Registry;
using Pipeline.Predictor.Scoring;
using Pipeline.Schemas;

namespace Pipeline.Predictor.Commands;

/// <summary><c>predictor explain</c>: what one forecast comes from.</summary>
public static class ExplainCommand
{
    /// <param name="output">The explanation.</param>
    public static Command Create(TextWriter output)
    {
        (ServiceOptions service, Option<FileInfo> model) = (new(), PredictorCommandOptions.Model());
        Option<string> vm = new("--vm") { Description = "Name of the VM", HelpName = "VM", Required = true };
        Option<DateTimeOffset> at = new("--at") { Description = "The newest snapshot of then or before is looked at, event time, such as 2026-05-01T12:00Z", HelpName = "TIME", Required = true };
        Option<DirectoryInfo> trace = CommonOptions.Folder("--trace", "Folder of a fleet trace, instead of --kafka");
        Option<FileInfo?> page = new("--out") { Description = "Write a page with plots, too (.html)", HelpName = "FILE" };
        Command command = new("explain", "Says what one forecast comes from: how it changes without each part of its inputs and each neighbour. From a trace, or from graph.snapshots.") { vm, at, trace, model, page };
        service.AddConnectionTo(command);
        command.SetAction((parsed, cancel) =>
        {
            (string path, string name, DateTimeOffset time) = (parsed.GetValue(model)!.FullName, parsed.GetValue(vm)!, parsed.GetValue(at));
            Explained explained = parsed.GetValue(trace) is { } folder ? FromTrace(folder, path, name, time) : FromTopics(service.Connection(parsed), path, name, time, cancel);
            output.Write(ExplanationText.Of(explained));
            if (parsed.GetValue(page) is not { } file) return Task.FromResult(0);
            ExplanationReport.Of(explained).Write(file);
            output.WriteLine($"wrote {file.FullName}");
            return Task.FromResult(0);
        });
        return command;
    }

    private static Explained FromTrace(DirectoryInfo folder, string path, string vm, DateTimeOffset at)
    {
        (Scorer scorer, ModelCard card) = ModelFile.Open(path, threads: 1);
        using Scorer disposed = scorer;
        return TraceExplanation.Of(FleetTrace.Load(folder), folder.Name, scorer, card.Id, vm, at);
    }

    private static Explained FromTopics(KafkaConnection kafka, string path, string vm, DateTimeOffset at, CancellationToken cancel)
    {
        using IPartitionReader reader = new ConfluentClients(kafka, NullLoggerFactory.Instance).OpenReader();
        TopicExplanation topics = new(reader);
        SnapshotSearch search = topics.Find(vm, at, cancel);
        PredictionChunk? published = topics.Published(search, vm, cancel);
        ModelFile file = ModelFile.Load(path);
        if (published is not null && published.Model != file.Card.Id && new ModelsTopic(kafka).Read(cancel).Models.TryGetValue(published.Model, out StoredModel? stored)
            && ModelsTopic.TryParse(stored, out ModelFile? served) is null) file = served!;
        if (ModelFile.TryOpen(file, threads: 1, out Scorer? scorer) is { } reason) throw new UserException($"model {file.Card.Id} is refused: {reason}");
        using Scorer disposed = scorer!;
        return TopicExplanation.Of(search.Found, published, scorer!, file.Card.Id, vm);
    }
}
