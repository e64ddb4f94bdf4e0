using System.Globalization;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.Traces;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Registry;
using Pipeline.Predictor.Samples;
using Pipeline.Schemas;

namespace Pipeline.Predictor.Learning;

/// <summary>
/// Learning on in service: reads what <c>vm.steps</c> holds, makes a challenger of the served model, puts it on the topic of models, as the served one when it is
/// better with confidence, else as a shadow.
/// </summary>
/// <param name="shipped">What is served as long as nothing was chosen.</param>
public sealed class LearningService(KafkaConnection kafka, LearningOptions options, ModelFile shipped, TimeProvider time, ILogger log)
{
    private const long DayMs = 86_400_000;

    /// <summary>Days before those that are learned from which features look back to.</summary>
    private const double DaysBefore = 7;

    /// <summary>One round; null: there is too little to learn from.</summary>
    public async Task<Learner.Round?> RunRoundAsync(CancellationToken cancel)
    {
        ModelsTopic topic = new(kafka);
        (ModelFile served, ServingChoice? choice) = Served(topic, cancel);
        Learner learner = new(options, time);
        List<(TraceSnapshots, int)> fleets = Fleets(learner, served.Card.Signature, cancel);
        if (fleets.Count == 0)
        {
            log.LogInformation("{Topic} holds too little to learn from: {Hours} hours and more are wanted", Topics.VmSteps.Name, 2 * options.HeldOutHours + 3);
            return null;
        }
        Learner.Round round = await Task.Run(() => learner.Learn(fleets, served, time.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), cancel), cancel);
        string id = round.Challenger.Card.Id;
        log.LogInformation("challenger {Challenger} of {Served} {Verdict}", id, served.Card.Id, TraceLearning.Text(round.Verdict));
        await WriteAsync(topic, served, round, choice, cancel);
        return round;
    }

    private async Task WriteAsync(ModelsTopic topic, ModelFile served, Learner.Round round, ServingChoice? choice, CancellationToken cancel)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (choice is null)
        {
            // One that is chosen needs one to go back to.
            await topic.WriteAsync(ModelsTopic.Stored(served), cancel);
            choice = ModelChoice.Publish(null, served.Card.Id, now);
        }
        string id = round.Challenger.Card.Id;
        if (id == choice.Ids[0]) return;
        await topic.WriteAsync(ModelsTopic.Stored(round.Challenger), cancel);
        await topic.WriteAsync(round.Verdict.IsBetter ? ModelChoice.Publish(choice, id, now) : ModelChoice.Shadow(choice, id, now), cancel);
    }

    private (ModelFile Model, ServingChoice? Choice) Served(ModelsTopic topic, CancellationToken cancel)
    {
        ModelsTopic.Contents contents = topic.Read(cancel);
        if (contents.Serving is not { } choice) return (shipped, null);
        if (!contents.Models.TryGetValue(choice.Ids[0], out StoredModel? stored)) throw new UserException($"{choice.Ids[0]} is served but not on the topic of models: publish it again");
        return ModelsTopic.TryParse(stored, out ModelFile? file) is { } reason
            ? throw new UserException($"the served model {choice.Ids[0]} cannot be learned on from: {reason}")
            : (file!, choice);
    }

    private List<(TraceSnapshots, int)> Fleets(Learner learner, InputSignature s, CancellationToken cancel)
    {
        StepTable table = new();
        using (ILoggerFactory quiet = new LoggerFactory())
        using (IPartitionReader reader = new ConfluentClients(kafka, quiet).OpenReader())
        {
            foreach (StreamRecord record in TopicContents.Read(reader, Topics.VmSteps.Name, null, cancel))
                if (record.TryRead(Topics.VmSteps, DiscardOutput.Instance, out StepChunk chunk)) table.Add(chunk);
        }
        List<(TraceSnapshots, int)> fleets = [];
        int slotsMax = (int)((options.Days + DaysBefore + options.HeldOutHours / 12) * DayMs / s.StepMs);
        foreach ((string cell, FleetTrace trace) in table.Traces(s.StepMs, slotsMax))
        {
            int now = trace.SlotCount - 1;
            HashSet<int> slots = [.. learner.Slots(now, s.StepMs, s.HorizonSteps[^1])];
            if (slots.Count > 0) fleets.Add((learner.Snapshots(trace, cell, slots.Contains), now));
        }
        return fleets;
    }
}
