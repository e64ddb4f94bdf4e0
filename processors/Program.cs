using System.CommandLine;
using Pipeline.Infra.CommandLine;
using Pipeline.Processors.Communities;
using Pipeline.Processors.Offline;
using Pipeline.Processors.Service;
using Pipeline.Processors.Store;
using Pipeline.Processors.TimeAware;

RootCommand root = ServeCommand.Create();
root.Add(StoreCommand.Create());
root.Add(CommunitiesCommand.Create());
root.Add(GraphCommand.Create());
root.Add(AdviseCommand.Create());
return await Application.RunAsync(root, args);
