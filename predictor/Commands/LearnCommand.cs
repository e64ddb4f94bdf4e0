using System.CommandLine;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Traces;
using Pipeline.Predictor.Learning;
using Pipeline.Predictor.Models;

namespace Pipeline.Predictor.Commands;

/// <summary><c>predictor learn</c>: a served model learns on.</summary>
public static class LearnCommand
{
    /// <param name="output">The days of a trace.</param>
    public static Command Create(TimeProvider time, TextWriter output)
    {
        (ServiceOptions service, Option<FileInfo> model, LearningOptions defaults) = (new(), PredictorCommandOptions.Model(), new());
        Option<DirectoryInfo> trace = CommonOptions.Folder("--trace", "Folder of a fleet trace to learn on over, a round each day, instead of --kafka");
        Option<int> from = CommonOptions.Int("--from-day", "With --trace: the first day that is measured, and before which a round is made", 9, 2, 100_000);
        Option<int> to = CommonOptions.Int("--to-day", "With --trace: the last one", 30, 2, 100_000);
        Option<DirectoryInfo?> folder = new("--out") { Description = "With --trace: folder for the model that is served at the end", HelpName = "DIR" };
        Option<TimeSpan> every = CommonOptions.Duration("--every", "Time between two rounds", TimeSpan.FromDays(1));
        Option<bool> once = new("--once") { Description = "One round, then end" };
        Option<int> steps = CommonOptions.Int("--steps", "Updates of a challenger at most", defaults.Steps, 6, 1_000_000);
        Option<double> days = CommonOptions.Double("--days", "Newest days that are learned from", defaults.Days, .05, 365);
        Option<double> held = CommonOptions.Double("--held-out-hours", "Newest hours that decide whether a challenger takes over, and as many before them that choose its weights", defaults.HeldOutHours, 2, 1000);
        Option<double> confidence = CommonOptions.Double("--confidence", "A challenger takes over when it is better with so much confidence", defaults.Confidence, .5, .999);
        (Option<int> seed, Option<int> threads) = (CommonOptions.Int("--seed", "Seed of everything random", defaults.Seed, 0, int.MaxValue), CommonOptions.Int("--threads", "Threads of computation", defaults.Threads, 1, 64));
        Command command = new("learn", "Lets the served model learn on from vm.steps, or a model from a trace. Runs at low priority.") { model, trace, from, to, folder, every, once, steps, days, held, confidence, seed, threads };
        service.AddConnectionTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            LearningOptions options = new()
            {
                Seed = parsed.GetValue(seed),
                Steps = parsed.GetValue(steps),
                Days = parsed.GetValue(days),
                HeldOutHours = parsed.GetValue(held),
                Confidence = parsed.GetValue(confidence),
                Threads = parsed.GetValue(threads),
            };
            ModelFile file = ModelFile.LoadServable(parsed.GetValue(model)!.FullName);
            Yield();
            if (parsed.GetValue(trace) is { } data)
            {
                (_, ModelFile learned) = new TraceLearning(options, time).Run(FleetTrace.Load(data), data.Name, file, parsed.GetValue(from), parsed.GetValue(to), output, cancel);
                if (parsed.GetValue(folder) is { } into) Save(learned, into, output);
                return 0;
            }
            KafkaConnection kafka = service.Connection(parsed);
            using ILoggerFactory log = Log.ToConsole();
            await TopicSetup.EnsureAsync(kafka, cancel);
            LearningService learning = new(kafka, options, file, time, log.CreateLogger("Pipeline.predictor"));
            do
            {
                await learning.RunRoundAsync(cancel);
                if (!parsed.GetValue(once)) await Task.Delay(parsed.GetValue(every), time, cancel);
            }
            while (!parsed.GetValue(once));
            return 0;
        });
        return command;
    }

    /// <summary>Whatever else runs on the machine comes first.</summary>
    private static void Yield()
    {
        using Process own = Process.GetCurrentProcess();
        own.PriorityClass = ProcessPriorityClass.Idle;
    }

    private static void Save(ModelFile model, DirectoryInfo folder, TextWriter output)
    {
        folder.Create();
        string path = Path.Combine(folder.FullName, model.Card.Name + ".onnx");
        model.Save(path);
        output.WriteLine($"wrote {path}");
    }
}
