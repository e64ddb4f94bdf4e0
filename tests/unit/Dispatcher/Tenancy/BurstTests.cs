using Pipeline.Dispatcher.Simulation;
using Pipeline.Infra.Randomness;
using Pipeline.Infra.Traces;
using Pipeline.Schemas;
using Xunit.Abstractions;

namespace Pipeline.Tests.Unit.Dispatcher.Tenancy;

/// <summary>Three tenants on eight simulated VMs of four cores; one of them calls ten times as often for half a minute.</summary>
public sealed class BurstTests(ITestOutputHelper output)
{
    private const int Vms = 8, Seconds = 60, WarmUpS = 20, CallsPerS = 40;

    [Fact]
    public void A_tenant_that_bursts_tenfold_moves_the_others_p99_by_no_more_than_a_tenth()
    {
        double quiet = P99(burst: 1, shared: true), burst = P99(burst: 10, shared: true), unshared = P99(burst: 10, shared: false);
        output.WriteLine(FormattableString.Invariant($"p99 of the others: {quiet:0} ms, {burst:0} ms during the burst, {unshared:0} ms without fair sharing"));
        Assert.InRange(burst, 0, quiet * 1.1);
        Assert.True(unshared > quiet * 1.5, $"without fair sharing {unshared} ms, quiet {quiet} ms: there is nothing to protect from");
    }

    private static double P99(int burst, bool shared)
    {
        DeskRig rig = new(Vms, tenants: shared ? [new Tenant { Name = "*", CallsPerCore = .8, DelayMs = 5000 }] : []);
        OwnLoad load = new(new FleetTrace
        {
            Vms = TestFleet.Names(Vms),
            Cores = [.. Enumerable.Repeat(4f, Vms)],
            MemoryBytes = [.. Enumerable.Repeat(16UL << 30, Vms)],
            StartUnixMs = DeskRig.T,
            SlotMs = 300_000,
            SlotCount = 1,
            Cpu = new float[Vms],
        });
        TracedFunction[] functions = [.. Tenants.Select(t => new TracedFunction("f-" + t, t, 128UL << 20, [20, 40, 60, 90, 130, 250, 400]))];
        WorkerFleet workers = new(load, functions, new WorkerOptions());
        rig.Worker = workers.Run;
        foreach (Invocation call in Traffic(burst)) rig.Submit(call);
        rig.RunTo(DeskRig.T + (Seconds * 1000) + 30_000);
        Dictionary<string, long> arrivals = Traffic(burst).ToDictionary(c => c.Id, c => c.TimeUnixMs);
        double[] responses = [.. rig.Completions.Where(c => c.Tenant != "bursts" && arrivals[c.InvocationId] > DeskRig.T + (WarmUpS * 1000)).Select(c => (double)(c.TimeUnixMs - arrivals[c.InvocationId])).Order()];
        return responses[(int)(responses.Length * .99)];
    }

    private static readonly string[] Tenants = ["bursts", "b", "c"];

    // Common random numbers: the others call at the same times whatever the burst.
    private static IEnumerable<Invocation> Traffic(int burst) => Tenants.SelectMany((tenant, t) =>
    {
        SplitMix random = new((ulong)t);
        List<Invocation> calls = [];
        double ms = 0;
        while (ms < Seconds * 1000)
        {
            double rate = CallsPerS * (tenant == "bursts" && ms > WarmUpS * 1000 ? burst : 1);
            ms -= Math.Log(1 - random.NextDouble()) * 1000 / rate;
            calls.Add(DeskRig.Call($"{tenant}-{calls.Count}", (long)ms, tenant, "f-" + tenant));
        }
        return calls;
    }).OrderBy(c => c.TimeUnixMs).ThenBy(c => c.Id, StringComparer.Ordinal);
}
