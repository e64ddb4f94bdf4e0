using Pipeline.Infra.CommandLine;
using Pipeline.Tests.Faults;

return await Application.RunAsync(FaultsCommand.Create(), args);
