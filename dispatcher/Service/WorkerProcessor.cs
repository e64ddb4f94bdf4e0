using Pipeline.Dispatcher.Simulation;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Service;

/// <summary>Runs the calls of the VMs of one partition. After a restart the newest dispatches are run again without telling, to have containers and calls in flight as they were.</summary>
public sealed class WorkerProcessor(WorkerFleet workers) : IProcessor
{
    /// <summary>Keep-alive is 10 minutes: enough for 30 dispatches a second in this partition.</summary>
    private const int ReplayedDispatches = 20_000;

    public long ReplayFrom(long committed) => Math.Max(0, committed - ReplayedDispatches);

    public void Process(in StreamRecord record, IOutput output)
    {
        if (!record.TryRead(Topics.FunctionDispatches, output, out Dispatch dispatch)) return;
        if (Run(dispatch) is { } completion) output.Emit(Topics.FunctionCompletions, completion.Function, completion);
    }

    /// <summary>Workers run an id once; a further attempt is another run.</summary>
    private Completion? Run(Dispatch dispatch)
    {
        if (dispatch.Attempt == 0) return workers.Run(dispatch);
        Dispatch attempt = dispatch.Clone();
        attempt.InvocationId += FormattableString.Invariant($"#{dispatch.Attempt}");
        if (workers.Run(attempt) is not { } completion) return null;
        completion.InvocationId = dispatch.InvocationId;
        completion.Attempt = dispatch.Attempt;
        return completion;
    }
}
