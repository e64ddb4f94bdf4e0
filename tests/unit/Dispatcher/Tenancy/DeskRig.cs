using Pipeline.Dispatcher.Decisions;
using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;
using Pipeline.Dispatcher.Tenancy;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Dispatcher.Tenancy;

/// <summary>A desk with one partition, and workers in event time: what is dispatched ends as <see cref="Worker"/> says, when its time has come.</summary>
internal sealed class DeskRig
{
    public const long T = Samples.Time;

    private readonly PriorityQueue<Completion, (long TimeMs, int Number)> ends = new();
    private readonly Dictionary<string, int> inFlight = [];
    private int number;
    private long calledMs = T;

    public DeskRig(int vms = 4, FleetOptions? options = null, IEnumerable<Tenant>? tenants = null)
    {
        Feed = new FleetFeed(new FleetState(options ?? new FleetOptions { LiveFeedback = false }));
        Desk = new CallDesk(new CallRouter(Feed, PolicyCatalog.Create(ExpectedCompletionTimePolicy.PolicyName, new PolicyOptions()), 1));
        Desk.Open(0);
        foreach (Tenant tenant in tenants ?? []) Feed.Fleet.Tenants.Apply(tenant);
        Feed.Read(TestFleet.Predict(T, TestFleet.Names(vms)));
    }

    public FleetFeed Feed { get; }

    public CallDesk Desk { get; }

    /// <summary>What becomes of a dispatch; null: nothing is ever heard of it. 100 ms by default.</summary>
    public Func<Dispatch, Completion?> Worker { get; set; } = d => TestFleet.End(d);

    public List<Dispatch> Answers { get; } = [];

    public List<Deferral> Deferrals { get; } = [];

    public List<Completion> Completions { get; } = [];

    /// <summary>Called at every dispatch, after it.</summary>
    public Action<Dispatch>? Dispatched { get; set; }

    public int InFlight(string tenant) => inFlight.GetValueOrDefault(tenant);

    public static Invocation Call(string id, long afterMs = 0, string tenant = "t", string function = "f", uint deadlineMs = 0, bool cancel = false)
    {
        Invocation call = TestFleet.Call(id, T + afterMs, function, deadlineMs: deadlineMs);
        call.Tenant = tenant;
        call.Cancel = cancel;
        return call;
    }

    public void Submit(Invocation call)
    {
        RunTo(call.TimeUnixMs);
        calledMs = Math.Max(calledMs, call.TimeUnixMs);
        Desk.Submit(call, 0);
        Drain();
    }

    /// <summary>Lets calls end and wait until then.</summary>
    public void RunTo(long timeMs)
    {
        while (ends.TryPeek(out Completion? end, out (long TimeMs, int Number) at) && at.TimeMs <= timeMs)
        {
            ends.Dequeue();
            Complete(end);
            PassTo(at.TimeMs);
        }
        PassTo(timeMs);
    }

    public void Complete(Completion end)
    {
        inFlight[end.Tenant]--;
        Completions.Add(end);
        Feed.Read(end);
    }

    public void PassTo(long timeMs)
    {
        Desk.Pass(TimeSpan.FromMilliseconds(timeMs - calledMs));
        Drain();
    }

    private void Drain()
    {
        while (Desk.TryTake(0, out Answer answer))
        {
            if (answer.Deferral is { } deferral) Deferrals.Add(deferral);
            if (answer.Dispatch is not { } dispatch) continue;
            Answers.Add(dispatch);
            if (dispatch.Outcome != Dispatch.Types.Outcome.Dispatched) continue;
            inFlight[dispatch.Tenant] = InFlight(dispatch.Tenant) + 1;
            if (Worker(dispatch) is { } end)
            {
                end.Attempt = dispatch.Attempt;
                ends.Enqueue(end, (end.TimeUnixMs, number++));
            }
            Dispatched?.Invoke(dispatch);
        }
    }
}
