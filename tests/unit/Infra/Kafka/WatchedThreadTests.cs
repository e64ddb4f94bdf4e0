using Microsoft.Extensions.Time.Testing;
using Pipeline.Infra.Kafka;

namespace Pipeline.Tests.Unit.Infra.Kafka;

public sealed class WatchedThreadTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40), Patience = TimeSpan.FromSeconds(2);

    private readonly FakeTimeProvider time = new();
    private readonly CancellationTokenSource stop = new();
    private readonly ManualResetEventSlim release = new();
    private readonly WatchedThread thread;

    public WatchedThreadTests() => thread = new WatchedThread("test", time, Patience, stop.Token);

    public void Dispose()
    {
        release.Set();
        thread.Dispose();
        stop.Dispose();
    }

    [Fact]
    public void Calls_run_one_after_the_other_on_one_thread_which_is_not_the_callers()
    {
        HashSet<int> threads = [];
        for (int i = 0; i < 100; i++) thread.Run(() => threads.Add(Environment.CurrentManagedThreadId), Limit);
        Assert.NotEqual(Environment.CurrentManagedThreadId, Assert.Single(threads));
        Assert.False(thread.IsStuck);
    }

    [Fact]
    public void What_a_call_throws_comes_out_and_the_next_call_is_served()
    {
        Assert.Throws<InvalidDataException>(() => thread.Run(() => throw new InvalidDataException(), Limit));
        bool ran = false;
        thread.Run(() => ran = true, Limit);
        Assert.True(ran);
    }

    [Fact]
    public async Task A_call_that_does_not_come_back_is_given_up_at_the_limit_and_no_sooner()
    {
        Task caller = StartStuckCall();
        time.Advance(Limit - TimeSpan.FromMilliseconds(1));
        Assert.False(caller.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await Assert.ThrowsAsync<TimeoutException>(() => caller);
        Assert.True(thread.IsStuck);
    }

    [Fact]
    public async Task After_a_call_was_given_up_every_other_is_refused_at_once()
    {
        Task caller = StartStuckCall();
        time.Advance(Limit);
        await Assert.ThrowsAsync<TimeoutException>(() => caller);
        Assert.Throws<TimeoutException>(() => thread.Run(() => { }, Limit));
    }

    [Fact]
    public async Task What_a_stuck_call_uses_is_freed_behind_it_and_nobody_waits()
    {
        Task caller = StartStuckCall();
        time.Advance(Limit);
        await Assert.ThrowsAsync<TimeoutException>(() => caller);
        TaskCompletionSource freed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        thread.Finish(freed.SetResult, Limit);
        Assert.False(freed.Task.IsCompleted);
        release.Set();
        await freed.Task;
    }

    [Fact]
    public async Task A_cancellation_shortens_the_wait_of_the_call_under_way()
    {
        Task caller = StartStuckCall();
        await stop.CancelAsync();
        time.Advance(Patience - TimeSpan.FromMilliseconds(1));
        Assert.False(caller.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await Assert.ThrowsAsync<TimeoutException>(() => caller);
    }

    [Fact]
    public async Task A_last_action_that_does_not_end_is_left_to_itself()
    {
        using ManualResetEventSlim started = new();
        Task finish = Task.Factory.StartNew(() => thread.Finish(Stuck(started), Limit), TaskCreationOptions.LongRunning);
        started.Wait();
        time.Advance(Limit);
        await finish;
        thread.Finish(() => throw new InvalidOperationException("never run"), Limit);
    }

    private Task StartStuckCall()
    {
        ManualResetEventSlim started = new();
        Task caller = Task.Factory.StartNew(() => thread.Run(Stuck(started), Limit), TaskCreationOptions.LongRunning);
        started.Wait();
        return caller;
    }

    private Action Stuck(ManualResetEventSlim started) => () =>
    {
        started.Set();
        release.Wait();
    };
}
