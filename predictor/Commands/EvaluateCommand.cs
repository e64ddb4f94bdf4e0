using System.CommandLine;
using System.Text.Json;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Traces;
using Pipeline.Predictor.Evaluation;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Samples;

namespace Pipeline.Predictor.Commands;

/// <summary><c>predictor evaluate</c>: measures a model and baselines on a trace.</summary>
public static class EvaluateCommand
{
    public static Command Create()
    {
        Option<DirectoryInfo> trace = CommonOptions.Folder("--trace", "Folder of a fleet trace");
        trace.Required = true;
        Option<SlotRange?> slots = PredictorCommandOptions.Slots("--slots", "Slots to evaluate (default: the last fifth)");
        Option<VmFold?> only = PredictorCommandOptions.Vms("--only-vms", "A part of the VMs that alone is measured");
        Option<FileInfo> model = PredictorCommandOptions.Model();
        Option<string> baselines = new("--baselines")
        {
            Description = $"Methods to compare with, of {string.Join(", ", BaselineNames.All)}; 'all' or 'none'. Simple ones also with margins fitted on earlier slots",
            HelpName = "A,B",
            DefaultValueFactory = _ => "last,mean-1h",
        };
        Option<int> every = CommonOptions.Int("--every", "Every so many slots are evaluated", 5, 1, 10_000);
        Option<float?> busy = PredictorCommandOptions.Busy();
        Option<int> threads = PredictorCommandOptions.Threads();
        Option<bool> intoCard = new("--into-card") { Description = "Write the results into the model's card too" };
        Option<DirectoryInfo> output = PredictorCommandOptions.Out();
        Command command = new("evaluate", "Measures a model and baselines on a trace.") { trace, slots, only, model, baselines, every, busy, threads, intoCard, output };
        command.SetAction((parsed, cancel) =>
        {
            DirectoryInfo folder = parsed.GetValue(trace)!;
            EvaluationRun run = new()
            {
                Source = new TraceSource(folder.Name, FleetTrace.Load(folder)),
                Slots = parsed.GetValue(slots),
                OnlyVms = parsed.GetValue(only),
                ModelPath = parsed.GetValue(model)!.FullName,
                Baselines = BaselineNames.Parse(parsed.GetValue(baselines)!),
                Every = parsed.GetValue(every),
                Threads = parsed.GetValue(threads),
                BusyThreshold = parsed.GetValue(busy),
            };
            (EvaluationRecord record, EvaluationReport report) = run.Run(Console.Out, cancel);
            DirectoryInfo to = parsed.GetValue(output)!;
            to.Create();
            report.Create().Write(new FileInfo(Path.Combine(to.FullName, "evaluation.html")));
            string file = Path.Combine(to.FullName, "evaluation.json");
            File.WriteAllText(file, JsonSerializer.Serialize(record, ModelJson.Options) + "\n");
            if (parsed.GetValue(intoCard))
            {
                ModelFile loaded = ModelFile.Load(run.ModelPath);
                IEnumerable<EvaluationRecord> others = loaded.Card.Evaluations.Where(e => e.Data != record.Data || e.BusyThreshold != record.BusyThreshold);
                (loaded with { Card = loaded.Card with { Evaluations = [.. others, record] } }).Save(run.ModelPath);
            }
            Console.WriteLine($"wrote {file} and {Path.ChangeExtension(file, ".html")}");
            return Task.FromResult(0);
        });
        return command;
    }
}
