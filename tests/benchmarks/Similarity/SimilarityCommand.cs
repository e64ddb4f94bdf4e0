using System.CommandLine;
using System.Globalization;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Tests.Benchmarks.Similarity;

/// <summary><c>similarity</c>: the similarity graph against ONNX Runtime and numpy.</summary>
internal static class SimilarityCommand
{
    private static readonly Option<int[]> Sizes = new("--sizes") { Description = "VMs", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1000, 10_000, 50_000] };
    private static readonly Option<int> Steps = CommonOptions.Int("--steps", "Steps per VM", 864, 40, 10_000);
    private static readonly Option<double> Missing = CommonOptions.Double("--missing", "Share of the steps missing where there are gaps; 0: only without", .01, 0, .5);
    private static readonly Option<int> Repetitions = CommonOptions.Int("--repetitions", "How often each side runs; 0: 9 times 1,000 VMs, 3 times 10,000, larger sizes once", 0, 0, 100);
    private static readonly Option<int> Seed = CommonOptions.Int("--seed", "Seed of the fleet", 1, 0, int.MaxValue);
    private static readonly Option<string> Python = new("--python") { Description = "Python with numpy", DefaultValueFactory = _ => "/usr/bin/python3" };

    public static Command Create()
    {
        Command command = new("similarity", "The similarity graph against ONNX Runtime and numpy, each in a process of its own.");
        foreach (Option option in new Option[] { Sizes, Steps, Missing, Repetitions, Seed, Python }) command.Add(option);
        command.SetAction(async (parsed, cancel) =>
        {
            int[] sizes = parsed.GetValue(Sizes)!;
            if (sizes.Length == 0 || sizes.Any(n => n is < 20 or > 200_000)) throw new UserException("--sizes is wrong; numbers from 20 to 200000 are wanted");
            using SimilarityRun run = new(parsed.GetValue(Steps), parsed.GetValue(Repetitions), parsed.GetValue(Seed), parsed.GetValue(Python)!);
            await run.LookForNumpyAsync(cancel);
            Console.WriteLine("| VMs | missing | side | wall ms | CPU s | wall / ours | peak MiB | edges of ours found |");
            Console.WriteLine("|--:|--:|---|--:|--:|--:|--:|--:|");
            foreach (int n in sizes)
                foreach (double missing in new[] { 0, parsed.GetValue(Missing) }.Distinct())
                    await run.CompareAsync(n, missing, cancel);
            foreach (string note in run.Notes) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{note}"));
            return 0;
        });
        return command;
    }
}
