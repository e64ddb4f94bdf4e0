using System.CommandLine;
using Pipeline.Infra.CommandLine;

RootCommand root = new("Runs the whole pipeline on this machine.");
Option<int> seed = CommonOptions.Int("--seed", "Seed of everything random", 1, 0, int.MaxValue);
root.Add(seed);
root.SetAction((parsed, cancel) =>
{
    Console.WriteLine(parsed.GetValue(seed));
    return Task.FromResult(0);
});
return await Application.RunAsync(root, args);
