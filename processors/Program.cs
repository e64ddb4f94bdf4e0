using System.CommandLine;
using Pipeline.Infra.CommandLine;
using Pipeline.Processors.Communities;
using Pipeline.Processors.Service;

RootCommand root = ServeCommand.Create();
root.Add(CommunitiesCommand.Create());
return await Application.RunAsync(root, args);
