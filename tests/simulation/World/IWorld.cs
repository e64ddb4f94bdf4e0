namespace Pipeline.Tests.Simulation.World;

/// <summary>What an instance's clients ask of the world around it.</summary>
public interface IWorld
{
    long ElapsedMs { get; }

    /// <summary>Time passes, and whoever is not standing still goes on.</summary>
    void LetOthersRun(long ms);

    /// <summary>Something happened that whoever reads about a failed run wants to know.</summary>
    void Tell(string what);

    /// <summary>A request is on its way and will arrive at some time, whatever becomes of its sender.</summary>
    void Post(Action request);
}
