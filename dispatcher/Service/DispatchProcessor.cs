using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Service;

/// <summary>
/// Answers the invocations of one partition. Its state is the fleet's, which comes from the global topics before the first invocation is
/// fed, so there is nothing to restore.
/// </summary>
public sealed class DispatchProcessor(DispatcherCore core) : IProcessor
{
    public void Process(in StreamRecord record, IOutput output)
    {
        if (!record.TryRead(Topics.FunctionInvocations, output, out Invocation invocation)) return;
        if (core.Router.Route(invocation) is not { } answer) return;
        string key = answer.Outcome == Dispatch.Types.Outcome.Dispatched ? answer.Vm : answer.InvocationId;
        output.Emit(Topics.FunctionDispatches, key, answer);
    }
}
