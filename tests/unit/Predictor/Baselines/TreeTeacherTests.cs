using Pipeline.Infra.Traces;
using Pipeline.Predictor.Baselines;
using Pipeline.Predictor.Evaluation;
using Pipeline.Predictor.Samples;

namespace Pipeline.Tests.Unit.Predictor.Baselines;

public sealed class TreeTeacherTests
{
    private const int Vms = 24, Slots = 480;

    private static readonly EvaluationOptions Options = new() { HorizonSteps = [1, 3], Levels = [.5f], BusyThreshold = .8f };

    private static readonly int[] Wanted = [.. Enumerable.Range(0, Slots - 3)];

    [LightGbmFact]
    public void A_rhythm_is_learned_from_other_days()
    {
        // Every VM is busy once an hour, in its own minute.
        (double busy, double idle) = Expected(Teach((slot, vm, _) => slot % 12 == vm % 12 ? .95f : .1f));
        Assert.True(busy > 3 * idle, $"{busy} before busy slots, {idle} before others");
    }

    [LightGbmFact]
    public void Nothing_is_known_of_what_nobody_can_know()
    {
        // By heart a slot's own outcome would be told; out of the other days it cannot.
        (double busy, double idle) = Expected(Teach((_, _, random) => random.NextSingle() < .2f ? .95f : .1f));
        Assert.InRange(busy / idle, .9, 1.1);
        Assert.InRange(busy, .1, .3);
    }

    [LightGbmFact]
    public void Every_slot_is_judged_with_and_without_the_newest_reports()
    {
        (TraceSnapshots trace, TeacherChances chances) = Teach((slot, vm, _) => slot % 12 == vm % 12 ? .95f : .1f);
        bool differ = false;
        foreach (int slot in Wanted)
        {
            for (int vm = 0; vm < trace.Vms.Count; vm++)
            {
                Half[] fresh = [.. chances.Of(slot, vm, withheld: false)], silent = [.. chances.Of(slot, vm, withheld: true)];
                Assert.Equal(2, fresh.Length);
                Assert.All(fresh.Concat(silent), p => Assert.InRange((float)p, 0f, 1f));
                differ |= !fresh.SequenceEqual(silent);
            }
        }
        Assert.True(differ);
        Assert.True(chances.Of(Slots - 1, 0, withheld: false).IsEmpty, "nobody asked for the last slots");
    }

    private static (TraceSnapshots Trace, TeacherChances Chances) Teach(Func<int, int, Random, float> utilization)
    {
        Random random = new(1);
        FleetTrace fleet = TestFleet.Of(Vms, Slots, (slot, vm) => utilization(slot, vm, random));
        TraceSnapshots trace = TraceSnapshotBuilder.Build(fleet, "test", _ => true, TraceSnapshotBuilder.Random(1, 12));
        return (trace, new TreeTeacher(trace, Options, isCase: null, threads: 2).Teach(Wanted, _ => { }, CancellationToken.None));
    }

    /// <summary>Mean chance of becoming busy in the next slot, of VMs that do and of those that do not.</summary>
    private static (double Busy, double Idle) Expected((TraceSnapshots Trace, TeacherChances Chances) taught)
    {
        List<double> busy = [], idle = [];
        foreach (int slot in Wanted.Skip(Slots / 4))
        {
            for (int vm = 0; vm < Vms; vm++)
            {
                if (taught.Trace.Utilization[slot * Vms + vm] >= .8f) continue;
                (taught.Trace.Utilization[(slot + 1) * Vms + vm] >= .8f ? busy : idle).Add((double)taught.Chances.Of(slot, vm, withheld: false)[0]);
            }
        }
        return (busy.Average(), idle.Average());
    }
}
