Console.WriteLine("processors");
