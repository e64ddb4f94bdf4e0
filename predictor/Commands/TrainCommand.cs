using System.CommandLine;
using System.Globalization;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Traces;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Samples;
using Pipeline.Predictor.Training;

namespace Pipeline.Predictor.Commands;

/// <summary><c>predictor train</c>: learns a model from traces and writes it with its card.</summary>
public static class TrainCommand
{
    public static Command Create(TimeProvider time, string[] args)
    {
        Option<DirectoryInfo[]> traces = PredictorCommandOptions.Traces();
        Option<SlotRange?> train = PredictorCommandOptions.Slots("--train-slots", "Slots to learn from (default: the first four fifths)");
        Option<SlotRange?> validate = PredictorCommandOptions.Slots("--validate-slots", "Slots to choose the best weights by (default: what is left)");
        Option<VmFold?> without = PredictorCommandOptions.Vms("--without-vms", "A part of the VMs that nothing is learned of");
        Option<int> seed = CommonOptions.Int("--seed", "Seed of everything random", 1, 0, int.MaxValue);
        Option<double> minutes = CommonOptions.Double("--minutes", "Training ends after so many minutes at the latest", 10, 0.01, 24 * 60);
        Option<int> steps = CommonOptions.Int("--steps", "Updates of each network at most, 0: as many as the snapshots ask for; a run that the minutes do not cut short can be repeated exactly", 0, 0, 10_000_000);
        Option<int> members = CommonOptions.Int("--members", "Networks that are trained one after the other, each with its share of the minutes, and served as one", TrainingRun.DefaultMembers, 1, 16);
        Option<bool> noTeacher = new("--no-teacher") { Description = "Learn from what came true alone, not also from what boosted trees expected" };
        Option<int> threads = PredictorCommandOptions.Threads();
        Option<string> name = new("--name") { Description = "Name of the model and its files", DefaultValueFactory = _ => "gnn", HelpName = "NAME" };
        Option<string?> date = new("--date") { Description = "Date in the card, yyyy-MM-dd (default: today)", HelpName = "DATE" };
        Option<FileInfo?> checkpoint = new("--checkpoint") { Description = "Files for the state of the training, one for each network, begin with this path; they are written at every validation, and where they are there already, training goes on from them", HelpName = "FILE" };
        Option<DirectoryInfo> output = PredictorCommandOptions.Out();
        Command command = new("train", "Learns a model from traces and writes it with its card.") { traces, train, validate, without, seed, minutes, steps, members, noTeacher, threads, name, date, checkpoint, output };
        command.SetAction((parsed, cancel) =>
        {
            TrainingRun run = new()
            {
                Traces = [.. parsed.GetValue(traces)!.Select(d => new TraceSource(d.Name, FleetTrace.Load(d)))],
                TrainSlots = parsed.GetValue(train),
                ValidateSlots = parsed.GetValue(validate),
                WithoutVms = parsed.GetValue(without),
                Options = new TrainingOptions
                {
                    Seed = parsed.GetValue(seed),
                    Threads = parsed.GetValue(threads),
                    TimeLimit = TimeSpan.FromMinutes(parsed.GetValue(minutes)),
                },
                Members = parsed.GetValue(members),
                Teacher = !parsed.GetValue(noTeacher),
                Steps = parsed.GetValue(steps) is > 0 and var most ? most : null,
                Name = parsed.GetValue(name)!,
                Date = parsed.GetValue(date) ?? time.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                Checkpoint = parsed.GetValue(checkpoint)?.FullName,
                Command = "predictor " + string.Join(' ', args),
            };
            ModelFile model = run.Run(Console.Out, time, cancel);
            DirectoryInfo folder = parsed.GetValue(output)!;
            folder.Create();
            string path = Path.Combine(folder.FullName, run.Name + ".onnx");
            model.Save(path);
            Console.WriteLine($"wrote {path}, {model.Model.Length:N0} bytes");
            return Task.FromResult(0);
        });
        return command;
    }
}
