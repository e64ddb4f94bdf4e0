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
        if (workers.Run(dispatch) is { } completion) output.Emit(Topics.FunctionCompletions, completion.Function, completion);
    }
}
