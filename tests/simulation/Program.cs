using System.CommandLine;
using Pipeline.Infra.CommandLine;
using Pipeline.Tests.Simulation;

return await Application.RunAsync(SimulationCommand.Create(), args);
