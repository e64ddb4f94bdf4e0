using System.CommandLine;
using Pipeline.Infra.CommandLine;
using Pipeline.Local;

RootCommand root = LocalCommand.Create();
return await Application.RunAsync(root, args);
