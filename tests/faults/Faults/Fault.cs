using Pipeline.Tests.Faults.Rig;

namespace Pipeline.Tests.Faults.Faults;

/// <summary>One thing that goes wrong in production, done on purpose. An instance is for one run.</summary>
internal abstract class Fault : IAsyncDisposable
{
    public abstract string Name { get; }

    /// <summary>One line for <c>--help</c>.</summary>
    public abstract string Description { get; }

    /// <summary>Injections where nobody says how many.</summary>
    public abstract int Times { get; }

    /// <summary>The cluster that it needs.</summary>
    public virtual ClusterOptions Cluster => new();

    /// <summary>Instances of each service that run all the time.</summary>
    public virtual int Instances => 1;

    /// <summary>Before the services start.</summary>
    public virtual Task PrepareAsync(FaultRig rig, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>Makes the fault happen once, and returns when it is over or its effects may go on by themselves.</summary>
    public abstract Task InjectAsync(FaultRig rig, Random random, CancellationToken cancel);

    /// <summary>Whether what the fault itself watches has come to rest.</summary>
    public virtual bool IsSettled(FaultRig rig) => true;

    /// <summary>What the fault itself watches: losses and differences beyond those in the topics.</summary>
    public virtual (long Lost, long Differing) Check(FaultRig rig) => (0, 0);

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
