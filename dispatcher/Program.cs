using System.CommandLine;
using Pipeline.Dispatcher.Service;
using Pipeline.Infra.CommandLine;

RootCommand root = new("Routes function invocations to the VM where each is expected to finish first.")
{
    ServeCommand.Create(),
    WorkersCommand.Create(),
    SimulateCommand.Create(),
    ExplainCommand.Create(),
    TenantsCommand.Create(),
    DrainCommand.Create(),
};
return await Application.RunAsync(root, args);
