using Pipeline.Dispatcher.Fleet;
using Pipeline.Infra.Traces;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>
/// Simulated workers of some VMs: runs dispatched calls in event time, each of them once, and tells their completion at once, with its event
/// time in the future. What happens on a VM is a function of its dispatches in their order.
/// </summary>
public sealed class WorkerFleet
{
    private readonly OwnLoad load;
    private readonly IReadOnlyList<TracedFunction> functions;
    private readonly Dictionary<string, int> functionRows;
    private readonly WorkerOptions options;
    private readonly WorkerVm?[] vms;
    private readonly ContainerPool containers = new();
    private readonly CallMemory calls = new();
    private long clockMs = long.MinValue;

    /// <param name="load">Own load, cores and memory of the VMs.</param>
    /// <param name="functions">The functions that the workers know.</param>
    /// <param name="options">The model's constants.</param>
    public WorkerFleet(OwnLoad load, IReadOnlyList<TracedFunction> functions, WorkerOptions options)
    {
        this.load = load;
        this.functions = functions;
        this.options = options;
        functionRows = functions.Select((f, i) => (f.Name, i)).ToDictionary(f => f.Name, f => f.i, StringComparer.Ordinal);
        vms = new WorkerVm?[load.Vms];
    }

    /// <summary>Dispatches that came twice.</summary>
    public long Repeated { get; private set; }

    /// <summary>The completion of a dispatched call; null for a rejection and for a call that was run before.</summary>
    public Completion? Run(Dispatch dispatch)
    {
        if (dispatch.Outcome != Dispatch.Types.Outcome.Dispatched) return null;
        clockMs = Math.Max(clockMs, dispatch.TimeUnixMs);
        UInt128 id = CallId.Of(dispatch.InvocationId);
        if (!calls.AddAnswer(id))
        {
            Repeated++;
            return null;
        }
        int vm = load.Find(dispatch.Vm);
        if (vm < 0) return Failed(dispatch, $"VM {dispatch.Vm} is not among the {load.Vms} of these workers' trace");
        if (!functionRows.TryGetValue(dispatch.Function, out int function)) return Failed(dispatch, $"function {dispatch.Function} is not installed on these workers");
        WorkerVm worker = vms[vm] ??= new WorkerVm(vm, load, options);
        worker.AdvanceTo(dispatch.TimeUnixMs, containers);
        bool warm = containers.Take(vm, function, clockMs);
        long bytes = (long)Math.Min(dispatch.MemoryBytes, long.MaxValue);
        if (!worker.MakeRoom(bytes, containers)) return Failed(dispatch, $"{dispatch.Vm} has no memory left for {bytes} bytes");
        Execution execution = worker.Run(function, bytes, warm ? 0 : options.ColdStartS, ServiceTimes.Draw(functions[function], id, options.Seed), dispatch.TimeUnixMs);
        return Ended(dispatch, execution, !warm);
    }

    private Completion Ended(Dispatch dispatch, in Execution execution, bool cold)
    {
        Completion completion = For(dispatch);
        completion.TimeUnixMs = execution.EndMs;
        completion.WallMs = execution.WallMs;
        completion.CpuS = execution.CpuS;
        completion.ColdStart = cold;
        completion.ColdStartMs = execution.ColdStartMs;
        completion.Outcome = execution.Succeeded ? Completion.Types.Outcome.Succeeded : Completion.Types.Outcome.Failed;
        if (!execution.Succeeded) completion.Error = $"stopped after {options.Timeout.TotalSeconds} s";
        return completion;
    }

    private static Completion Failed(Dispatch dispatch, string error)
    {
        Completion completion = For(dispatch);
        completion.TimeUnixMs = dispatch.TimeUnixMs;
        completion.Outcome = Completion.Types.Outcome.Failed;
        completion.Error = error;
        return completion;
    }

    private static Completion For(Dispatch dispatch) => new()
    {
        InvocationId = dispatch.InvocationId,
        Function = dispatch.Function,
        Tenant = dispatch.Tenant,
        Vm = dispatch.Vm,
        Cell = dispatch.Cell,
    };
}
