using System.CommandLine;
using Pipeline.Infra.CommandLine;
using Pipeline.Predictor.Commands;

RootCommand root = new("Forecasts how much of every VM will stay free over the next minutes.")
{
    ServeCommand.Create(),
    TrainCommand.Create(TimeProvider.System, args),
    EvaluateCommand.Create(),
    ModelsCommand.Create(TimeProvider.System, Console.Out),
    ExplainCommand.Create(Console.Out),
    LearnCommand.Create(TimeProvider.System, Console.Out),
};
return await Application.RunAsync(root, args);
