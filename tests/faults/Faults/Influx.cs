using Pipeline.Infra.TimeSeries;
using Pipeline.Schemas;
using Pipeline.Tests.Faults.Rig;

namespace Pipeline.Tests.Faults.Faults;

/// <summary>The time-series store answers with everything that stores and what stands before them answer with, hangs and hangs up. At the end it has every point.</summary>
internal sealed class Influx : Fault
{
    private const int InARowMax = 3;

    /// <summary>A request is given up after 30 s, five more follow with pauses, and after that the writer pauses as well.</summary>
    private static readonly TimeSpan OverWithin = TimeSpan.FromMinutes(4);

    private static readonly InfluxMood[] Moods = [.. Enum.GetValues<InfluxMood>().Where(m => m != InfluxMood.Willing)];

    private readonly Queue<InfluxMood> order = new();
    private FakeInflux? store;

    public override string Name => "influx";

    public override string Description => "the store answers 400, 401, 413, 422, 429, 500, 503, hangs and cuts connections, in random order";

    /// <summary>Each of the moods once.</summary>
    public override int Times => Moods.Length;

    public override Task PrepareAsync(FaultRig rig, CancellationToken cancel)
    {
        store = new FakeInflux();
        rig.Start(new ServiceKind("store", "processors", ["store", "--influx", store.Url, "--database", "telemetry"], Topics.VmSteps), 0);
        return Task.CompletedTask;
    }

    public override async Task InjectAsync(FaultRig rig, Random random, CancellationToken cancel)
    {
        if (order.Count == 0)
        {
            InfluxMood[] shuffled = [.. Moods];
            random.Shuffle(shuffled);
            foreach (InfluxMood next in shuffled) order.Enqueue(next);
        }
        InfluxMood mood = order.Dequeue();
        // A hang takes 30 s by itself.
        int times = mood is InfluxMood.Hangs or InfluxMood.StoresAndHangs or InfluxMood.HangsInBody ? 1 : random.Next(1, InARowMax + 1);
        for (int i = 0; i < times; i++) store!.Expect(mood);
        rig.Say($"the store's mood: {mood}, {times} times; it has {store!.Distinct} points of {store.Lines} lines");
        if (!await rig.UntilAsync(() => store.MoodsLeft == 0, OverWithin, cancel)) rig.Fail($"after {mood} nothing more was written to the store for {OverWithin}");
    }

    public override bool IsSettled(FaultRig rig) => store!.Distinct >= rig.Books.Look(a => a.Points.Distinct);

    public override (long Lost, long Differing) Check(FaultRig rig)
    {
        rig.Say($"the store has {store!.Distinct} points of {store.Lines} lines in {store.Requests} requests");
        long wanted = rig.Books.Look(a => a.Points.Distinct);
        // Adding to the ledger of the topics' points what the store has finds those that no topic made.
        long unasked = rig.Books.Look(a => store.Points.LongCount(p => a.Points.Add(p)));
        return (Math.Max(0, wanted - (store.Distinct - unasked)), unasked);
    }

    public override async ValueTask DisposeAsync()
    {
        if (store is not null) await store.DisposeAsync();
        await base.DisposeAsync();
    }
}
