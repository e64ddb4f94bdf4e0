namespace Pipeline.Tests.Simulation.Faults;

/// <summary>The process is gone, as after kill -9: nobody may catch this but the world.</summary>
public sealed class SimulatedCrashException : Exception
{
    public SimulatedCrashException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public SimulatedCrashException(string message)
        : base(message)
    {
    }

    public SimulatedCrashException()
    {
    }
}
