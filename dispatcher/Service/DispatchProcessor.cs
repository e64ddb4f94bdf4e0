using System.Diagnostics;
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
        LinkPrediction(answer);
        output.Emit(Topics.FunctionDispatches, key, answer);
    }

    /// <summary>From the trace of the call to that of the prediction that the VM was chosen by: which report it came from.</summary>
    private void LinkPrediction(Dispatch answer)
    {
        if (Activity.Current is not { } span || answer.Outcome != Dispatch.Types.Outcome.Dispatched || answer.Decision.Candidates[0].PredictionUnixMs == 0) return;
        if (core.PredictionTraces.TryGetValue(answer.Cell, out ActivityContext prediction) && prediction != default) span.AddLink(new ActivityLink(prediction));
    }
}
