using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;
using Pipeline.Dispatcher.Tenancy;
using Pipeline.Infra.Randomness;
using Pipeline.Infra.Traces;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>
/// Runs a scenario with a policy and a signal, event by event. The policy decides on the same <see cref="FleetState"/> as in the service, live
/// feedback included; what VMs hold and which containers are warm there is kept apart from what dispatchers believe of it.
/// </summary>
public sealed class Simulator
{
    /// <summary>A call whose attempts were all lost is given up.</summary>
    private const int AttemptsMax = 3;

    private readonly Scenario scenario;
    private readonly SimulationOptions options;
    private readonly SignalFeed feed;
    private readonly SimulatedDispatcher[] dispatchers;
    private readonly FleetState[] fleets;
    private readonly SimulatedVm[] vms;
    private readonly ContainerPool containers = new();
    private readonly EndHeap ends;
    private readonly PriorityQueue<SimulationEvent, (double TimeS, long Number)> underWay = new();
    private readonly CallState[] calls;
    private readonly CallResult[] results;
    private readonly long[] functionBytes;
    private readonly int[] functionDispatchers;
    private readonly double[] functionDeadlineS;
    private long number;

    /// <param name="scenario">What is met.</param>
    /// <param name="createPolicy">Makes the policy of one dispatcher.</param>
    /// <param name="signal">What dispatchers are told.</param>
    /// <param name="options">The model.</param>
    /// <param name="forecasts">For a signal of the network.</param>
    public Simulator(Scenario scenario, Func<IPolicy> createPolicy, Signal signal, SimulationOptions options, NetworkForecasts? forecasts = null)
    {
        this.scenario = scenario;
        this.options = options;
        feed = new SignalFeed(scenario, signal, options, forecasts);
        dispatchers = [.. Enumerable.Range(0, options.Dispatchers).Select(_ => new SimulatedDispatcher(scenario, createPolicy(), options, signal.Feedback))];
        fleets = [.. dispatchers.Select(d => d.Fleet)];
        vms = [.. scenario.Cores.Select((c, v) => new SimulatedVm(c, scenario.MemoryBytes[v]))];
        ends = new EndHeap(vms.Length);
        calls = new CallState[scenario.Calls.Length];
        results = new CallResult[scenario.Calls.Length];
        Array.Fill(results, CallResult.UnderWay);
        functionBytes = [.. scenario.Functions.Select(f => (long)f.MemoryBytes)];
        functionDeadlineS = [.. scenario.Functions.Select(f => options.Deadlines ? Measures.DeadlineOf(ServiceTimes.Mean(f)) : double.PositiveInfinity)];
        functionDispatchers = [.. scenario.Functions.Select(f => (int)(NameHash.Of(f.Name) % (ulong)dispatchers.Length))];
    }

    /// <summary>What became of each call, once it has run.</summary>
    public IReadOnlyList<CallResult> Results => results;

    /// <summary>The state of the first dispatcher.</summary>
    public FleetState Fleet => fleets[0];

    public Measures Run()
    {
        int nextCall = 0, piece = 0, outage = 0;
        while (true)
        {
            double arrivalS = nextCall < results.Length ? scenario.Calls[nextCall].ArrivalS : double.PositiveInfinity;
            double endS = ends.FirstTime;
            double eventS = underWay.TryPeek(out _, out (double TimeS, long) key) ? key.TimeS : double.PositiveInfinity;
            double callS = Math.Min(Math.Min(arrivalS, endS), eventS);
            if (double.IsPositiveInfinity(callS)) break;
            double pieceS = piece * scenario.PieceS;
            double outageS = outage < scenario.Outages.Count ? scenario.Outages[outage].TimeS : double.PositiveInfinity;
            if (pieceS <= callS && pieceS <= outageS && pieceS <= feed.NextS) BeginPiece(piece++, pieceS);
            else if (outageS <= callS && outageS <= feed.NextS) Change(scenario.Outages[outage++]);
            else if (feed.NextS <= callS) Tell(feed.NextS);
            else if (eventS <= callS) Happen(underWay.Dequeue(), eventS);
            else if (endS <= arrivalS) End(ends.First, endS);
            else Dispatch(nextCall++, arrivalS);
        }
        return Measures.Of(scenario, results, [.. vms.Select(v => (v.WorkS, v.BusyS))]);
    }

    private static long Ms(double seconds) => (long)(seconds * 1000);

    private void BeginPiece(int piece, double timeS)
    {
        for (int v = 0; v < vms.Length; v++)
        {
            vms[v].SetOwnLoad(scenario.PieceLoadAt(piece, v), timeS);
            ends.Set(v, vms[v].NextEndS);
        }
    }

    private void Tell(double timeS)
    {
        foreach (FleetState fleet in fleets) fleet.AdvanceTo(Ms(timeS));
        feed.Tell(fleets);
        foreach (SimulatedDispatcher dispatcher in dispatchers) Release(dispatcher, timeS);
    }

    private void Change(in Outage outage)
    {
        if (outage.Up) vms[outage.Vm].Return(outage.TimeS);
        else Evict(outage.Vm, outage.TimeS);
        for (int d = 0; d < dispatchers.Length; d++) Later(SimulationEventKind.VmKnown, outage.TimeS + options.NetworkDelayS, outage.Up ? 1 : 0, outage.Vm, 0, d);
    }

    private void Evict(int vm, double timeS)
    {
        foreach (int lost in vms[vm].Evict(timeS)) Later(SimulationEventKind.LossKnown, timeS + options.NetworkDelayS, lost, vm, calls[lost].Attempt, calls[lost].Dispatcher);
        ends.Set(vm, double.PositiveInfinity);
        containers.Shrink(vm, 0);
    }

    private void Happen(in SimulationEvent value, double timeS)
    {
        FleetState fleet = fleets[value.Dispatcher];
        fleet.AdvanceTo(Ms(timeS));
        switch (value.Kind)
        {
            case SimulationEventKind.Reaches: Reach(value.Call, value.Vm, timeS); break;
            case SimulationEventKind.EndKnown: Finish(fleet, value.Call, value.Attempt, timeS - options.NetworkDelayS); break;
            case SimulationEventKind.EndRead: Finish(fleet, value.Call, value.Attempt, timeS - options.ReadBackS); break;
            case SimulationEventKind.DispatchRead:
                // Lost before it was read of: nothing is in flight.
                if (value.Attempt == calls[value.Call].Attempt) Begin(fleet, value.Call, value.Attempt, value.Vm, 1);
                break;
            case SimulationEventKind.LossKnown:
                foreach (FleetState each in fleets) each.GiveUp(Id(value.Call, value.Attempt));
                Dispatch(value.Call, timeS);
                break;
            case SimulationEventKind.VmKnown:
                if (value.Call == 1) fleet.Vms.See(value.Vm, Ms(timeS));
                else fleet.Lose(value.Vm);
                break;
        }
        Release(dispatchers[value.Dispatcher], timeS);
    }

    private void Dispatch(int index, double timeS)
    {
        ref CallState state = ref calls[index];
        if (state.Attempt++ == AttemptsMax)
        {
            results[index] = CallResult.GivenUp;
            return;
        }
        state.Dispatcher = functionDispatchers[scenario.Calls[index].Function];
        SimulatedDispatcher dispatcher = dispatchers[state.Dispatcher];
        dispatcher.Fleet.AdvanceTo(Ms(timeS));
        if (dispatcher.Turns is null) Place(dispatcher, index, timeS, ticket: null);
        else Enter(dispatcher, dispatcher.Turns, TicketOf(dispatcher, index), index, timeS);
    }

    private void Enter(SimulatedDispatcher dispatcher, Turns turns, CallTicket ticket, int index, double timeS)
    {
        WaitingCall waiting = turns.Enter(ticket, Ms(timeS));
        Release(dispatcher, timeS);
        if (!waiting.IsWaiting || turns.Refusal(waiting) is null) return;
        turns.Drop(waiting);
        results[index] = CallResult.Rejected;
    }

    // Whoever waits gets its turn, or has waited too long.
    private void Release(SimulatedDispatcher dispatcher, double timeS)
    {
        if (dispatcher.Turns is not { Count: > 0 } turns) return;
        while (turns.Expired() is { } late)
        {
            turns.Drop(late);
            results[IndexOf(late.Ticket.Key)] = CallResult.Rejected;
        }
        while (turns.Next() is { } next)
        {
            turns.Serve(next);
            Place(dispatcher, IndexOf(next.Ticket.Key), timeS, next.Ticket);
        }
    }

    private CallTicket TicketOf(SimulatedDispatcher dispatcher, int index)
    {
        SimulatedCall call = scenario.Calls[index];
        TracedFunction function = scenario.Functions[call.Function];
        double deadlineS = functionDeadlineS[call.Function];
        return new CallTicket
        {
            Key = Id(index, calls[index].Attempt),
            Invocation = new Invocation { Function = function.Name, Tenant = function.Tenant, TimeUnixMs = Ms(call.ArrivalS), DeadlineMs = double.IsPositiveInfinity(deadlineS) ? 0 : (uint)Ms(deadlineS) },
            Tenant = dispatcher.Fleet.Tenants.GetOrAdd(function.Tenant),
            Partition = 0,
            Cores = dispatcher.Fleet.Functions.CoresOf(dispatcher.FunctionRow(call.Function)),
        };
    }

    private void Place(SimulatedDispatcher dispatcher, int index, double timeS, CallTicket? ticket)
    {
        SimulatedCall call = scenario.Calls[index];
        ref CallState state = ref calls[index];
        CallRequest request = new(
            SplitMix.Mix((ulong)index ^ ((ulong)state.Attempt << 40) ^ SplitMix.Mix((ulong)scenario.Seed)), dispatcher.FunctionRow(call.Function),
            scenario.Functions[call.Function].Tenant, functionBytes[call.Function], Math.Max(0, functionDeadlineS[call.Function] - (timeS - call.ArrivalS)));
        if (dispatcher.Decide(request) is not { } chosen)
        {
            results[index] = CallResult.Rejected;
            return;
        }
        Begin(dispatcher.Fleet, index, state.Attempt, chosen.Vm, Capacity.Slowdown(chosen.Ratio), ticket);
        for (int d = 0; d < dispatchers.Length; d++)
            if (d != state.Dispatcher) Later(SimulationEventKind.DispatchRead, timeS + options.ReadBackS, index, chosen.Vm, state.Attempt, d);
        if (options.NetworkDelayS == 0) Reach(index, chosen.Vm, timeS);
        else Later(SimulationEventKind.Reaches, timeS + options.NetworkDelayS, index, chosen.Vm, state.Attempt, state.Dispatcher);
    }

    private void Begin(FleetState fleet, int index, int attempt, int vm, double slowdown, CallTicket? ticket = null)
    {
        int function = scenario.Calls[index].Function;
        fleet.Start(Id(index, attempt), vm, dispatchers[0].FunctionRow(function), functionBytes[function], slowdown, ticket);
    }

    // What the VM finds when the call is there: it may be gone or full, whatever its dispatcher thought.
    private void Reach(int index, int vm, double timeS)
    {
        SimulatedCall call = scenario.Calls[index];
        ref CallState state = ref calls[index];
        long bytes = functionBytes[call.Function];
        if (!vms[vm].Up || vms[vm].FreeBytes < bytes)
        {
            Later(SimulationEventKind.LossKnown, timeS + options.NetworkDelayS, index, vm, state.Attempt, state.Dispatcher);
            return;
        }
        state.Cold = !containers.Take(vm, call.Function, Ms(timeS));
        containers.Shrink(vm, vms[vm].FreeBytes - bytes);
        (state.StartS, state.Vm) = (timeS, vm);
        vms[vm].Start(index, call.ServiceS + (state.Cold ? options.ColdStartS : 0), timeS, bytes);
        ends.Set(vm, vms[vm].NextEndS);
    }

    private void End(int vm, double timeS)
    {
        int index = vms[vm].Next, function = scenario.Calls[index].Function;
        vms[vm].End(timeS, functionBytes[function]);
        ends.Set(vm, vms[vm].NextEndS);
        ref CallState state = ref calls[index];
        containers.Add(vm, function, functionBytes[function], Ms(timeS) + (long)options.KeepAlive.TotalMilliseconds);
        containers.Shrink(vm, vms[vm].FreeBytes);
        state.EndS = timeS;
        results[index] = new CallResult(timeS + options.NetworkDelayS, state.Cold);
        for (int d = 0; d < dispatchers.Length; d++)
            if (d != state.Dispatcher) Later(SimulationEventKind.EndRead, timeS + options.ReadBackS, index, vm, state.Attempt, d);
        if (options.NetworkDelayS > 0)
        {
            Later(SimulationEventKind.EndKnown, timeS + options.NetworkDelayS, index, vm, state.Attempt, state.Dispatcher);
            return;
        }
        fleets[state.Dispatcher].AdvanceTo(Ms(timeS));
        Finish(fleets[state.Dispatcher], index, state.Attempt, timeS);
        Release(dispatchers[state.Dispatcher], timeS);
    }

    private void Finish(FleetState fleet, int index, int attempt, double endS)
    {
        ref CallState state = ref calls[index];
        double wallS = state.EndS - state.StartS, cpuS = scenario.Calls[index].ServiceS + (state.Cold ? options.ColdStartS : 0);
        // The cold start's part of the wall time, as if the rate had been the same throughout.
        double coldStartS = state.Cold && cpuS > 0 ? wallS * options.ColdStartS / cpuS : 0;
        fleet.Finish(Id(index, attempt), new CallOutcome(Ms(endS), wallS, coldStartS, cpuS, Succeeded: true));
    }

    private static int IndexOf(UInt128 id) => (int)(uint)id;

    private static UInt128 Id(int index, int attempt) => (UInt128)(((ulong)attempt << 32) | (uint)index);

    private void Later(SimulationEventKind kind, double timeS, int call, int vm, int attempt, int dispatcher) =>
        underWay.Enqueue(new SimulationEvent(kind, call, vm, attempt, dispatcher), (timeS, number++));

    private struct CallState
    {
        public double StartS;
        public double EndS;
        public int Vm;
        public int Attempt;
        public int Dispatcher;
        public bool Cold;
    }
}
