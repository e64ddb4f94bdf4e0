using System.Diagnostics;
using Pipeline.Dispatcher.Tenancy;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Service;

/// <summary>
/// Answers the invocations of one partition. Its state is the fleet's, which comes from the global topics before the first invocation is
/// fed; calls that wait come from function.deferrals.
/// </summary>
public sealed class DispatchProcessor : IUnpromptedProcessor
{
    private readonly DispatcherCore core;
    private readonly int partition;

    public DispatchProcessor(DispatcherCore core, int partition)
    {
        this.core = core;
        this.partition = partition;
        core.Desk.Close(partition);
        core.Desk.Open(partition);
    }

    public void Process(in StreamRecord record, IOutput output)
    {
        if (!record.TryRead(Topics.FunctionInvocations, output, out Invocation invocation)) return;
        core.Desk.Submit(invocation, partition);
        Work(output);
    }

    public void Restore(in StreamRecord record)
    {
        if (record.TryRead(Topics.FunctionDeferrals, DiscardOutput.Instance, out Deferral deferral)) core.Desk.Restore(deferral, partition);
    }

    public bool HasWork(Silence silence)
    {
        core.Desk.Pass(silence.Source);
        return core.Desk.HasReady(partition);
    }

    public void Work(IOutput output)
    {
        while (core.Desk.TryTake(partition, out Answer answer))
        {
            if (answer.Deferral is { } deferral) output.Emit(Topics.FunctionDeferrals, deferral.Invocation.Function, deferral);
            if (answer.Dispatch is not { } dispatch) continue;
            LinkPrediction(dispatch);
            output.Emit(Topics.FunctionDispatches, dispatch.Outcome == Dispatch.Types.Outcome.Rejected ? dispatch.InvocationId : dispatch.Vm, dispatch);
        }
    }

    public void Close() => core.Desk.Close(partition);

    /// <summary>From the trace of the call to that of the prediction that the VM was chosen by: which report it came from.</summary>
    private void LinkPrediction(Dispatch answer)
    {
        if (Activity.Current is not { } span || answer.Outcome != Dispatch.Types.Outcome.Dispatched || answer.Decision.Candidates[0].PredictionUnixMs == 0) return;
        if (core.PredictionTraces.TryGetValue(answer.Cell, out ActivityContext prediction) && prediction != default) span.AddLink(new ActivityLink(prediction));
    }
}
