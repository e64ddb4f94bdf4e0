using Pipeline.Infra.Kafka;
using Pipeline.Tests.Faults.Faults;
using Pipeline.Tests.Faults.Rig;

namespace Pipeline.Tests.Faults;

/// <summary>One fault from the first broker to the last line: load, injections, rest, books.</summary>
internal sealed class FaultRun(Fault fault, RunOptions options, TextWriter progress)
{
    /// <summary>Nothing new in any topic for so long: what is missing will not come. Longer than transactions may stay open and members be missed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(5);

    /// <summary>What differs is told so often in words.</summary>
    private const int DifferencesTold = 10;

    private int injected;

    public async Task<FaultResult> RunAsync(CancellationToken cancel)
    {
        await using Cluster cluster = await Cluster.StartAsync(fault.Cluster);
        await TopicSetup.EnsureAsync(cluster.Connection, cancel);
        await using FaultRig rig = new(cluster, options.Seed, progress, options.Logs);
        rig.Say($"{fault.Name}: {fault.Description}");
        await fault.PrepareAsync(rig, cancel);
        foreach (ServiceKind kind in ServiceKind.All)
            for (int i = 0; i < fault.Instances; i++) rig.Start(kind, i);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task load = rig.Load.RunAsync(over.Token), telling = TellAsync(rig, over.Token);
        try
        {
            if (!await rig.UntilAsync(() => rig.Books.Look(a => a.Predictions.Whole > 0 && a.Calls.Completed > 0), WarmUp, cancel)) rig.Fail("the services did not come up");
            await InjectAsync(rig, cancel);
            rig.Load.Stop();
            await load;
            rig.Say("waits for rest");
            await rig.UntilAsync(() => (rig.Books.AreBalanced(rig.Load) && fault.IsSettled(rig)) || rig.Books.Idle > Patience, TimeSpan.MaxValue, cancel);
        }
        finally
        {
            await over.CancelAsync();
            await telling;
        }
        return await CloseAsync(rig, cancel);
    }

    private async Task InjectAsync(FaultRig rig, CancellationToken cancel)
    {
        Random random = new(options.Seed);
        TimeSpan began = rig.Elapsed;
        for (; injected < (options.Times ?? fault.Times); injected++) await fault.InjectAsync(rig, random, cancel);
        await rig.UntilAsync(() => rig.Elapsed - began >= TimeSpan.FromSeconds(options.Seconds), TimeSpan.MaxValue, cancel);
    }

    private async Task<FaultResult> CloseAsync(FaultRig rig, CancellationToken cancel)
    {
        await rig.StopServicesAsync();
        // Whatever the last transactions held, or a service wrote once more, is read as well.
        await rig.UntilAsync(() => rig.Books.Idle > Cluster.TransactionTimeout / 4, Patience, cancel);
        int told = 0;
        (long lost, long differing) = rig.Books.Close(rig.Load, text =>
        {
            if (told++ < DifferencesTold) rig.Say(text);
        });
        (long lostElsewhere, long differingElsewhere) = fault.Check(rig);
        rig.Say($"{Books.CountAborted(rig.Cluster.Connection)} records were written in transactions that were aborted");
        return rig.Books.Look(a => new FaultResult
        {
            Fault = fault.Name,
            Seconds = rig.Elapsed.TotalSeconds,
            Injected = injected,
            Reports = a.Fleet.ReportsSeen,
            Steps = a.Fleet.Steps,
            Snapshots = a.Snapshots.Whole,
            Predictions = a.Predictions.Whole,
            Dispatched = a.Calls.Dispatched,
            Rejected = a.Calls.Rejected,
            Lost = lost + lostElsewhere,
            Duplicated = rig.Books.Duplicated,
            Dead = a.DeadLetters,
            Differing = differing + differingElsewhere,
            Failures = rig.Failures,
        });
    }

    private async Task TellAsync(FaultRig rig, CancellationToken over)
    {
        using PeriodicTimer timer = new(ProgressEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(over))
                rig.Say(rig.Books.Look(a => $"injected={injected} reports={a.Fleet.ReportsSeen} of {rig.Load.Reports} steps={a.Fleet.Steps} predictions={a.Predictions.Whole} answered={a.Calls.Dispatched + a.Calls.Rejected} of {rig.Load.Invocations} completed={a.Calls.Completed}"));
        }
        catch (OperationCanceledException)
        {
            // All has been told.
        }
    }
}
