namespace Pipeline.Tests.Simulation.Faults;

/// <summary>How often what goes wrong, drawn for each run: some runs see one kind of fault only, others all at once.</summary>
/// <param name="Crash">Chance that a call into a client ends the process, before or after it took effect.</param>
/// <param name="Cut">Chance that a call begins a time without network for its instance.</param>
/// <param name="Pause">Chance that a call stops the process for longer than its session lives, and then goes on.</param>
/// <param name="Unknown">Chance that a commit times out: not done, done, or done later.</param>
/// <param name="Delay">Chance that a record waits on its way to the broker.</param>
/// <param name="Repeat">Chance that a request comes twice.</param>
/// <param name="Jump">Chance of a jump of the wall clock, each time that time passes.</param>
public sealed record FaultRates(double Crash, double Cut, double Pause, double Unknown, double Delay, double Repeat, double Jump)
{
    public static readonly FaultRates None = new(0, 0, 0, 0, 0, 0, 0);

    public static FaultRates Draw(Random random)
    {
        return new FaultRates(Rate(.012), Rate(.006), Rate(.006), Rate(.15), Rate(.5), Rate(.3), Rate(.01));

        double Rate(double most) => random.Next(3) switch { 0 => 0, 1 => most / 5, _ => most } * random.NextDouble();
    }
}
