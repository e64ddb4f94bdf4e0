using Pipeline.Dispatcher.Decisions;
using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Dispatcher;

/// <summary>A small fleet to route calls in, and messages to feed it.</summary>
internal sealed class TestFleet
{
    public const long Gibibyte = 1L << 30;

    public const long Mebibyte = 1L << 20;

    public const uint StepMs = 300_000;

    public TestFleet(FleetOptions? options = null, string policy = ExpectedCompletionTimePolicy.PolicyName, ulong seed = 1)
    {
        Feed = new FleetFeed(new FleetState(options ?? new FleetOptions { LiveFeedback = false }));
        Router = new CallRouter(Feed, PolicyCatalog.Create(policy, new PolicyOptions()), seed);
    }

    public FleetFeed Feed { get; }

    public FleetState State => Feed.Fleet;

    public CallRouter Router { get; }

    /// <summary>A prediction of VMs named so, all alike unless changed: quantiles at .5, .9 and .95, four horizons.</summary>
    public static PredictionChunk Predict(long stepEndMs, IReadOnlyList<string> vms, float utilization = 0, float busy = 0, float cores = 4, long memoryBytes = 16 * Gibibyte, uint ageS = 0)
    {
        PredictionChunk chunk = new() { Cell = "cell-0", StepEndUnixMs = stepEndMs, StepMs = StepMs, Chunks = 1, Model = "test", HorizonS = { 300, 900, 1800, 3600 }, Level = { .5f, .9f, .95f } };
        foreach (string vm in vms)
        {
            chunk.Vm.Add(vm);
            chunk.Cores.Add(cores);
            chunk.MemoryBytes.Add((ulong)memoryBytes);
            for (int i = 0; i < 12; i++) chunk.PeakQuantile.Add(utilization);
            for (int i = 0; i < 4; i++) chunk.BusyProbability.Add(busy);
            chunk.CpuUtilization.Add(utilization);
            chunk.AgeS.Add(ageS);
            chunk.Community.Add(7);
        }
        return chunk;
    }

    public static string[] Names(int count) => [.. Enumerable.Range(0, count).Select(i => $"vm-{i:000}")];

    public static Invocation Call(string id, long timeMs = Samples.Time, string function = "f", long memoryBytes = 128 * Mebibyte, uint deadlineMs = 0) => new()
    {
        Id = id,
        Function = function,
        Tenant = "t",
        TimeUnixMs = timeMs,
        MemoryBytes = (ulong)memoryBytes,
        DeadlineMs = deadlineMs,
    };

    public static Completion End(Dispatch dispatch, double wallMs = 100, double coldStartMs = 0, bool failed = false) => new()
    {
        InvocationId = dispatch.InvocationId,
        Function = dispatch.Function,
        Tenant = dispatch.Tenant,
        Vm = dispatch.Vm,
        Cell = dispatch.Cell,
        TimeUnixMs = dispatch.TimeUnixMs + (long)wallMs,
        WallMs = wallMs,
        CpuS = wallMs / 1000,
        ColdStart = coldStartMs > 0,
        ColdStartMs = coldStartMs,
        Outcome = failed ? Completion.Types.Outcome.Failed : Completion.Types.Outcome.Succeeded,
    };

    public int Vm(string name) => State.Vms.Find(name);

    /// <summary>What a restart has to bring back, in an order that does not depend on row numbers.</summary>
    public string Describe(IEnumerable<string> functions) => string.Join('\n', Enumerable.Range(0, State.Vms.Count)
        .OrderBy(v => State.Vms.Name[v], StringComparer.Ordinal)
        .Select(v => FormattableString.Invariant($"{State.Vms.Name[v]} {State.Vms.CellOf(v)} {State.Vms.Cores[v]} {State.Vms.MemoryBytes[v]} {State.Vms.InFlight[v]} {State.Vms.CommittedBytes[v]} {State.Vms.Community[v]} {State.Vms.LastSeenMs(v)} {State.Vms.IsLive(v)} {State.Containers.IdleBytes(v)} {State.Forecasts.FreeShare(v, State.ClockMs, out SignalRung rung):R} {rung}"))
        .Concat(functions.Select(f => State.FunctionRow(f)).Select(f => FormattableString.Invariant($"{State.Functions.Name[f]} {State.Functions.ServiceS[f]:R} {State.Functions.ColdStartS[f]:R} {State.Functions.CpuS[f]:R} {State.Functions.Completions(f)} {State.Functions.MemoryBytes[f]} {State.Functions.LogMean(f):R} {State.Functions.LogDeviation(f):R} {State.Functions.RatePerS(f, State.ClockMs):R} {string.Join(',', Levels.Select(l => State.Functions.ServiceTimes.Quantile(f, l)))} {string.Join(',', Levels.Select(l => State.Functions.ColdStartTimes.Quantile(f, l)))}")))
        .Append($"trusted: {string.Join(',', Enum.GetValues<SignalRung>().Where(r => State.Feedback?.Ladder.Trusts(r) ?? true))}"));

    private static readonly double[] Levels = [.1, .5, .9, .99];
}
