using System.Collections.Concurrent;

namespace Pipeline.Infra.Kafka;

/// <summary>
/// Runs calls that may never come back on a thread of their own, one after the other, and gives up waiting for them in time.
/// <code>
///                call returns                       limit passed
///   idle ◄──────────────────────── calling ────────────────────────► stuck: every further call is refused
/// </code>
/// A call that is given up goes on: nothing can end it. Whatever has to come after it, such as freeing what it uses, is queued behind it.
/// </summary>
/// <remarks>Handing a call over and waking its caller takes 8 µs (median, two busy cores), a transaction on a local broker 3 ms.</remarks>
internal sealed class WatchedThread : IDisposable
{
    private readonly BlockingCollection<Call> calls = [];
    private readonly TimeProvider time;
    private readonly CancellationToken cancel;
    private readonly TimeSpan patience;

    /// <param name="name">Of the thread, for people.</param>
    /// <param name="time">Measures the limits.</param>
    /// <param name="patience">How much longer calls are waited for after a cancellation.</param>
    /// <param name="cancel">Once cancelled, no call is waited for longer than <paramref name="patience"/>.</param>
    public WatchedThread(string name, TimeProvider time, TimeSpan patience, CancellationToken cancel)
    {
        this.time = time;
        this.cancel = cancel;
        this.patience = patience;
        // In the background: a process that ends does not wait for a call that does not.
        new Thread(Serve) { IsBackground = true, Name = name }.Start();
    }

    /// <summary>A call was given up, and may still be under way.</summary>
    public bool IsStuck { get; private set; }

    /// <summary>Runs a call; what it throws comes out here.</summary>
    /// <exception cref="TimeoutException">It has not come back within the limit, or an earlier one has not.</exception>
    public void Run(Action action, TimeSpan limit)
    {
        if (IsStuck) throw new TimeoutException("an earlier call has not come back");
        Call call = new(action);
        using ITimer timer = time.CreateTimer(static c => ((Call)c!).GiveUp(), call, limit, Timeout.InfiniteTimeSpan);
        using CancellationTokenRegistration hurry = cancel.Register(() => timer.Change(limit < patience ? limit : patience, Timeout.InfiniteTimeSpan));
        calls.Add(call, CancellationToken.None);
        IsStuck = !call.Wait();
        if (IsStuck) throw new TimeoutException($"no answer after {limit.TotalSeconds} s");
    }

    /// <summary>Runs a last action and ends the thread. Behind a call that is stuck it is only queued, and nobody waits.</summary>
    public void Finish(Action last, TimeSpan limit)
    {
        if (calls.IsAddingCompleted) return;
        try
        {
            if (IsStuck) calls.Add(new Call(last), CancellationToken.None);
            else Run(last, limit);
        }
        catch (TimeoutException)
        {
            // It goes on by itself.
        }
        Dispose();
    }

    public void Dispose() => calls.CompleteAdding();

    private void Serve()
    {
        foreach (Call call in calls.GetConsumingEnumerable()) call.Run();
    }

    private sealed class Call(Action action)
    {
        private readonly TaskCompletionSource<bool> done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Run()
        {
            try
            {
                action();
                done.TrySetResult(true);
            }
            catch (Exception e)
            {
                done.TrySetException(e);
                // Of a call that was given up nobody asks for the outcome any more.
                _ = done.Task.Exception;
            }
        }

        public void GiveUp() => done.TrySetResult(false);

        public bool Wait() => done.Task.GetAwaiter().GetResult();
    }
}
