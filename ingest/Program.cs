using System.CommandLine;
using Pipeline.Infra.CommandLine;
using Pipeline.Ingest.Agent;
using Pipeline.Ingest.Agent.Cadence;
using Pipeline.Ingest.Bridge;
using Pipeline.Ingest.Keys;
using Pipeline.Ingest.Receiver;
using Pipeline.Ingest.Replay;

RootCommand root = new("Brings measurements and calls into the pipeline.");
root.Add(AgentCommand.Create());
root.Add(BridgeCommand.Create());
root.Add(ReceiveCommand.Create());
root.Add(ReplayCommand.Create());
root.Add(KeysCommand.Create());
root.Add(CadenceCommand.Create());
root.Add(CloselyCommand.Create());
return await Application.RunAsync(root, args);
